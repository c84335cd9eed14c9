import type { Ledger } from '../../src/ledger/ledger.ts'
import type { ReplayJob } from '../../src/replay/replay-job.ts'
import type { Replays, ReplaysDeps } from '../../src/replay/replays.ts'
import { createRequestId } from '../../src/event/request-id.ts'
import { noopTracer } from '../../src/telemetry/tracing.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { aDeadLetter, aFailure, aRequest } from '../helpers/ledger-requests.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** Of a replica that serves `default/comments`, where nothing is held. */
export function replaysDeps(ledger: Ledger, changes: Partial<ReplaysDeps> = {}): ReplaysDeps {
  const plan = aPlan()
  return {
    ledger,
    servedOf: pipeline => (pipeline === plan.pipeline ? { plan, generation: 1 } : undefined),
    held: () => false,
    tracer: noopTracer,
    log: silentLog,
    owner: 'replica-1',
    alone: false,
    leaseMs: 50,
    ...changes
  }
}

/** Dead letters of `default/comments`, with ids of the present time. */
export async function deadLetters(ledger: Ledger, count: number, parts = {}, failure = aFailure()): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    ids.push(await aDeadLetter(ledger, aRequest({ id: createRequestId(), ...parts }), failure))
  }
  await nextMillisecond()
  return ids.sort()
}

/** A letter with an id of the same millisecond as a job is taken for later than it. */
export async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  await waitFor(() => Date.now() > now, { what: 'the next millisecond' })
}

export const everything = { pipeline: undefined, step: undefined, code: undefined, since: undefined }

/** The job once it is done. */
export const done = (replays: Replays, { id }: Pick<ReplayJob, 'id'>): Promise<ReplayJob> =>
  waitFor(
    async () => {
      const job = await replays.find(id)
      return job?.status === 'done' && job
    },
    { what: 'the end of the bulk replay' }
  )

/** The ids that stored replays name, sorted: one named twice was replayed twice. */
export async function replayedIds(ledger: Ledger): Promise<string[]> {
  const accepted = await ledger.list({ pipeline: undefined, status: 'accepted', after: undefined, limit: 1000 })
  return accepted.map(({ replayOf = '' }) => replayOf).sort()
}
