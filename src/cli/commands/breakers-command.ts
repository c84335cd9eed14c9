import { Command } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { outputOption, type OutputFormat } from '../options/output-option.ts'

const examples = `
Examples:
  sluice breakers                    open ones first
  sluice breakers -o json`

/** `sluice breakers`: what is held back, and why. */
export const breakersCommand = (): Command =>
  onAdmin(
    new Command('breakers').description(
      'list the circuit breakers of a gateway, one for each destination that it has called'
    )
  )
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async ({ output, ...options }: AdminOptions & { readonly output: OutputFormat }) => {
      const { fetchFromAdmin } = await import('../fetch-document.ts')
      const { itemsOf, printPage } = await import('../print/print-page.ts')
      const page = await fetchFromAdmin(options, 'GET', '/breakers')
      const ofWorkers = itemsOf(page).some(({ worker }) => worker !== undefined)
      await printPage(page, [...(ofWorkers ? ['worker'] : []), 'state', 'destination'], {
        output,
        none: 'no destination has been called yet'
      })
    })
