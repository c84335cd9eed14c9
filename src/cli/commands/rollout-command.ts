import { Command } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import { outputOption } from '../options/output-option.ts'
import type { RolloutOptions } from './rollout.ts'

const examples = `
Examples:
  sluice rollout status comments sentiment     how far it is, and how it came there
  sluice rollout promote comments sentiment
  sluice rollout abort shop/comments route/big/score`

/** `sluice rollout`: the share of a canary that grows by itself. */
export const rolloutCommand = (): Command =>
  new Command('rollout')
    .description('show and steer the share of an entry of traffic that grows by itself')
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
    .addHelpText('after', examples)

const commandOf = (command: string, description: string): Command =>
  ofStep(command, description).action(async (pipeline: string, step: string, options: RolloutOptions) => {
    const { commandRollout } = await import('./rollout.ts')
    await commandRollout(pipeline, step, command, options)
  })

const ofStep = (verb: string, description: string): Command =>
  onAdmin(
    new Command(verb)
      .description(description)
      .argument('<pipeline>', 'name or namespace/name')
      .argument('<step>', 'the name of the step, or its path')
  ).addOption(outputOption())
