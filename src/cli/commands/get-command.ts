import { Command, Option } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import type { GetOptions } from './get.ts'

const examples = `
Examples:
  sluice get                         all pipelines, and how they do
  sluice get comments -o yaml        one as it was written, with its status
  sluice get comments -o graph       its steps as a drawing
  sluice get pipelines/              those that files define`

/** `sluice get`: pipelines, and how they do. */
export const getCommand = (): Command =>
  onAdmin(
    new Command('get')
      .description('list pipelines with their phases, or show some of them')
      .argument(
        '[pipelines...]',
        'name or namespace/name (pipeline/NAME: a Pipeline), or files that define them; none: all'
      )
      .addOption(
        new Option('-o, --output <format>', 'how to print the result')
          .choices(['table', 'json', 'yaml', 'graph'])
          .default('table')
      )
      .option('--namespace <namespace>', 'only those of this namespace')
  )
    .addHelpText('after', examples)
    .action(async (words: readonly string[], options: GetOptions) => {
      const { getPipelines } = await import('./get.ts')
      await getPipelines(words, options)
    })
