import { Command, Option } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import { outputOption } from '../options/output-option.ts'
import type { DeleteOptions, LifecycleOptions } from './lifecycle.ts'

/** `sluice pause`: nothing more is begun, and what is in flight finishes. */
export const pauseCommand = (): Command =>
  ofPipelines(
    'pause',
    'pause pipelines: callers get 503, accepted requests are held, what is in flight finishes'
  ).action(async (words: readonly string[], options: LifecycleOptions) => {
    const { setPhase } = await import('./lifecycle.ts')
    await setPhase(words, 'Paused', options)
  })

/** `sluice resume` */
export const resumeCommand = (): Command =>
  ofPipelines('resume', 'let paused pipelines go on').action(
    async (words: readonly string[], options: LifecycleOptions) => {
      const { setPhase } = await import('./lifecycle.ts')
      await setPhase(words, 'Running', options)
    }
  )

/** `sluice delete` */
export const deleteCommand = (): Command =>
  ofPipelines('delete', 'delete pipelines that the admin API was given, when what is in flight has finished')
    .option('--force', 'although others need them')
    .addOption(
      new Option('--requests <what>', 'what becomes of accepted requests that have not ended')
        .choices(['keep', 'cancel'])
        .default('keep')
    )
    .action(async (words: readonly string[], options: DeleteOptions) => {
      const { deletePipelines } = await import('./lifecycle.ts')
      await deletePipelines(words, options)
    })

const ofPipelines = (verb: string, description: string): Command =>
  onAdmin(
    new Command(verb)
      .description(description)
      .argument('<pipelines...>', 'name or namespace/name (pipeline/NAME: a Pipeline), or files that define them')
  )
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nExamples:\n  sluice ${verb} comments\n  sluice ${verb} pipelines/          those that files define`
    )
