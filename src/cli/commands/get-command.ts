import { Command, Option } from 'commander'
import { adminOption, adminTokenOption } from '../options/admin-option.ts'
import { caOption } from '../options/ca-option.ts'
import { certOption, keyOption } from '../options/certificate-options.ts'
import type { GetOptions } from './get.ts'

const examples = `
Examples:
  sluice get                         all pipelines, and how they do
  sluice get comments -o yaml        one as it was written, with its status
  sluice get comments -o graph       its steps as a drawing
  sluice get pipelines/              those that files define`

/** `sluice get`: pipelines, and how they do. */
export const getCommand = (): Command =>
  new Command('get')
    .description('list pipelines with their phases, or show some of them')
    .argument(
      '[pipelines...]',
      'name or namespace/name, behind pipeline/ of a Pipeline, or files that define them; none: all'
    )
    .addOption(
      new Option('-o, --output <format>', 'how to print the result')
        .choices(['table', 'json', 'yaml', 'graph'])
        .default('table')
    )
    .option('--namespace <namespace>', 'only those of this namespace')
    .addOption(adminOption())
    .addOption(caOption())
    .addOption(certOption())
    .addOption(keyOption())
    .addOption(adminTokenOption())
    .addHelpText('after', examples)
    .action(async (words: readonly string[], options: GetOptions) => {
      const { getPipelines } = await import('./get.ts')
      await getPipelines(words, options)
    })
