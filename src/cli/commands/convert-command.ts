import { Command } from 'commander'

const examples = `
Kinds: ServingPipeline, Pipeline.

Examples:
  sluice convert comments.yaml --to Pipeline > comments-pipeline.yaml
  kubectl get pipeline.sluice.dev comments -o yaml | sluice convert - --to ServingPipeline

Exits with 3 when something was not carried over: each part is named on stderr, with the reason.`

/** `sluice convert`: definitions of one kind as those of another. */
export const convertCommand = (): Command =>
  new Command('convert')
    .description('turn definitions into those of another kind')
    .argument('<file>', 'a definition file; - for stdin')
    .requiredOption('--to <kind>', 'the kind to convert to')
    .addHelpText('after', examples)
    .action(async (file: string, options: { readonly to: string }) => {
      const { convertFile } = await import('./convert.ts')
      await convertFile(file, options.to)
    })
