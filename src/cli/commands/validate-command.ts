import { Command } from 'commander'
import { outputOption } from '../options/output-option.ts'
import type { ValidateOptions } from './validate.ts'

const examples = `
Examples:
  sluice validate pipeline.yaml
  sluice validate pipelines/ -o json
  kubectl get servingpipeline comments -o yaml | sluice validate -`

/** `sluice validate`: every fault of definitions, with its place. */
export const validateCommand = (): Command =>
  new Command('validate')
    .description('check definitions: every fault with file, line and column')
    .argument('<files...>', 'definition files and directories; - for stdin')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], options: ValidateOptions) => {
      const { validate } = await import('./validate.ts')
      await validate(paths, options)
    })
