import { Command } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import { readCount } from '../options/read-count.ts'
import type { TopOptions } from './top.ts'

const examples = `
Examples:
  sluice top                         until q or Ctrl-C
  sluice top | head -5               once`

/** `sluice top`: how pipelines do, again and again. */
export const topCommand = (): Command =>
  onAdmin(
    new Command('top')
      .description('show how pipelines do, the busiest first; on a terminal again every second, until q or Ctrl-C')
      .option('--every <seconds>', 'seconds between two looks', readCount(3_600), 1)
      .option('--namespace <namespace>', 'only those of this namespace')
  )
    .addHelpText('after', examples)
    .action(async (options: TopOptions) => {
      const { showTop } = await import('./top.ts')
      await showTop(options)
    })
