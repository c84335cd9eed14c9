import { Command } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import { outputOption } from '../options/output-option.ts'
import type { ApplyOptions } from './apply.ts'

const examples = `
Examples:
  sluice apply pipelines/
  sluice apply pipeline.yaml --dry-run
  kubectl get servingpipelines -o yaml | sluice apply -`

interface WrittenOptions extends ApplyOptions {
  readonly filename?: readonly string[]
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `sluice apply`: gives definitions to a gateway, which keeps them. */
export const applyCommand = (): Command =>
  onAdmin(
    new Command('apply')
      .description('give definitions to a gateway, which keeps them in its store; those that others need go first')
      .argument('[files...]', 'files and folders of definitions; - is standard input')
      .option('-f, --filename <file>', 'the same, as kubectl takes it; can be repeated', collect)
      .option('--dry-run', 'change nothing: say what would become of each')
  )
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (words: readonly string[], { filename = [], ...options }: WrittenOptions, command: Command) => {
      const files = [...words, ...filename]
      if (files.length === 0) command.error("error: missing required argument 'files'")
      const { applyFiles } = await import('./apply.ts')
      await applyFiles(files, options)
    })
