import { Command } from 'commander'
import { adminOption, adminTokenOption } from '../options/admin-option.ts'
import { caOption } from '../options/ca-option.ts'
import { certOption, keyOption } from '../options/certificate-options.ts'
import { outputOption } from '../options/output-option.ts'
import type { RolloutOptions } from './rollout.ts'

/** `sluice rollout`: the share of a canary that grows by itself. */
export const rolloutCommand = (): Command =>
  new Command('rollout')
    .description('the share of an entry of traffic that grows by itself')
    .addCommand(
      ofStep('status', 'how far it is, and how it came there').action(
        async (pipeline: string, step: string, options: RolloutOptions) => {
          const { showRollout } = await import('./rollout.ts')
          await showRollout(pipeline, step, options)
        }
      )
    )
    .addCommand(commandOf('promote', 'give it the next share now'))
    .addCommand(commandOf('abort', 'take its share away'))
    .addCommand(commandOf('restart', 'begin with its first share'))

const commandOf = (command: string, description: string): Command =>
  ofStep(command, description).action(async (pipeline: string, step: string, options: RolloutOptions) => {
    const { commandRollout } = await import('./rollout.ts')
    await commandRollout(pipeline, step, command, options)
  })

const ofStep = (verb: string, description: string): Command =>
  new Command(verb)
    .description(description)
    .argument('<pipeline>', 'name or namespace/name')
    .argument('<step>', 'the name of the step, or its path')
    .addOption(adminOption())
    .addOption(caOption())
    .addOption(certOption())
    .addOption(keyOption())
    .addOption(adminTokenOption())
    .addOption(outputOption())
