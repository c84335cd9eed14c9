import { Command, Option } from 'commander'
import { onAdmin } from '../options/gateway-access.ts'
import { adminLimits } from '../../http/admin-limits.ts'
import type { ListOptions, PurgeOptions, ReplayOptions, ShowOptions } from './dead-letters.ts'
import { limitOption } from '../options/limit-option.ts'
import { outputOption } from '../options/output-option.ts'
import { pipelineOption } from '../options/pipeline-option.ts'
import { readCount } from '../options/read-count.ts'
import { readSince } from '../options/read-since.ts'

const examples = `
Examples:
  sluice deadletters list --pipeline comments --since 1h
  sluice deadletters show 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51
  sluice deadletters replay 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51 --from start
  sluice deadletters replay --step sentiment --code STEP_TIMEOUT --rate 10
  sluice deadletters replays
  sluice deadletters stop 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51     a bulk replay
  sluice deadletters purge --pipeline comments`

/** `sluice deadletters`: what failed for good. */
export const deadLettersCommand = (): Command =>
  new Command('deadletters')
    .description('list, replay and remove requests that failed for good')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand())
    .addCommand(replaysCommand())
    .addCommand(stopCommand())
    .addCommand(purgeCommand())
    .addHelpText('after', examples)

const listCommand = (): Command =>
  filtered(new Command('list').description('list dead letters, oldest first'))
    .option('--closed', 'those that a replay has closed, too')
    .option('--after <id>', 'go on after this one')
    .addOption(limitOption())
    .action(async (options: ListOptions) => {
      const { listDeadLetters } = await import('./dead-letters.ts')
      await listDeadLetters(options)
    })

const showCommand = (): Command =>
  onAdminWithOutput(
    new Command('show').description('print a dead letter: its cause, its event, the input of the failed step')
  )
    .argument('<id>', 'id of the request')
    .option('--data', 'with the data of its events as it is, base64 where it is not text')
    .action(async (id: string, options: ShowOptions) => {
      const { showDeadLetter } = await import('./dead-letters.ts')
      await showDeadLetter(id, options)
    })

const { usual, most } = adminLimits.replayRate

const replayCommand = (): Command =>
  filtered(new Command('replay').description('run dead letters again: those named, those that match, or all'))
    .argument('[ids...]', 'ids of the requests')
    .option('--all', 'all of them')
    .addOption(
      new Option('--from <where>', 'the step that failed, or the start').choices(['step', 'start']).default('step')
    )
    .option(
      '--rate <count>',
      `of a bulk replay: how many in a second (default: ${usual}, at most ${most})`,
      readCount(most)
    )
    .option('--detach', 'of a bulk replay: do not wait for its end')
    .action(async (ids: readonly string[], options: ReplayOptions, command: Command) => {
      checkChoice(ids, options, command)
      const { replayDeadLetters } = await import('./replay-dead-letters.ts')
      await replayDeadLetters(ids, options)
    })

const purgeCommand = (): Command =>
  filtered(new Command('purge').description('remove dead letters: those named, those that match, or all'))
    .argument('[ids...]', 'ids of the requests')
    .option('--all', 'all of them, closed ones too')
    .option('--closed', 'those that a replay has closed, too')
    .action(async (ids: readonly string[], options: PurgeOptions, command: Command) => {
      checkChoice(ids, options, command)
      const { purgeDeadLetters } = await import('./dead-letters.ts')
      await purgeDeadLetters(ids, options)
    })

const replaysCommand = (): Command =>
  onAdminWithOutput(
    new Command('replays').description('list bulk replays, newest first, with how far they are')
  ).action(async (options: ShowOptions) => {
    const { listReplays } = await import('./replays.ts')
    await listReplays(options)
  })

const stopCommand = (): Command =>
  onAdminWithOutput(new Command('stop').description('stop a bulk replay; what it has replayed goes on'))
    .argument('<id>', 'id of the bulk replay')
    .action(async (id: string, options: ShowOptions) => {
      const { stopReplay } = await import('./replays.ts')
      await stopReplay(id, options)
    })

const filtered = (command: Command): Command =>
  onAdminWithOutput(command)
    .addOption(pipelineOption())
    .option('--step <name>', 'only those that failed in this step')
    .option('--code <code>', 'only those that failed with this code, such as STEP_TIMEOUT')
    .option('--since <time>', 'only those that failed since: a time, or a duration such as 1h ago', readSince)

const onAdminWithOutput = (command: Command): Command => onAdmin(command).addOption(outputOption())

/** Ids, a filter or --all: leaving all of them out by mistake must not mean everything. */
function checkChoice(ids: readonly string[], options: ReplayOptions | PurgeOptions, command: Command): void {
  const { pipeline, step, code, since, all = false } = options
  const isFiltered = [pipeline, step, code, since].some(value => value !== undefined)
  const wrong = choiceFault({ named: ids.length > 0, isFiltered, all })
  if (wrong !== undefined) command.error(`error: ${wrong}`, { exitCode: 2 })
}

interface Choice {
  readonly named: boolean
  readonly isFiltered: boolean
  readonly all: boolean
}

function choiceFault({ named, isFiltered, all }: Choice): string | undefined {
  if (named && (isFiltered || all)) return 'ids take no filter and no --all'
  if (isFiltered && all) return '--all takes every one; leave it out to take those that match the filter'
  return named || isFiltered || all ? undefined : 'name ids, or give a filter such as --pipeline, or --all'
}
