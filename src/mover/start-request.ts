import { callCountOf } from '../flow/call-count-of.ts'
import { isInside, rootPath } from '../pipeline/paths.ts'
import type { Journal, Request, Visit } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import { keptTags, tagHeader, withoutTags } from '../flow/traffic/picked-tags.ts'
import type { Streams } from '../ledger/streams.ts'
import type { Work } from '../ledger/work.ts'
import { replyName } from '../pipeline/node.ts'
import { originOf } from '../pipeline/origin.ts'
import { placeOf } from './standing.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { Logger } from '../telemetry/log.ts'
import { requestAttributes, type Tracer } from '../telemetry/tracing.ts'
import { writeUntilTaken } from './write-until-taken.ts'
import type { InFlightRequest } from './in-flight-request.ts'
import { StoredStream } from './stored-stream.ts'
import { stepsInOrder } from './steps-in-order.ts'
import { stepRecord } from './visits.ts'
import { storedCarrier, withoutTrace } from '../telemetry/carrier.ts'
import { deadlineOf } from './give-up-reason.ts'
import { heldFor, holdMs } from './held-for.ts'

export interface StartRequestDeps {
  readonly ledger: Work & Pick<Streams, 'appendPiece'>
  readonly tracer: Tracer
  readonly log: Logger
}

/** The claimed request as the flow takes it: what it does is seen in the entry, and written down in the ledger. */
export function startRequest(
  entry: InFlightRequest,
  serving: Serving,
  { ledger, tracer, log }: StartRequestDeps
): Request {
  const { claimed, stop, visits, share, place, watch } = entry
  const { record } = claimed
  const { plan } = serving
  const paths = new Set(record.marks.keys())
  watch.plan = plan
  const calls = callCountOf(plan, plan.countsCalls ? callsBefore(record) : 0)
  if (serving.mayStream(originOf(record.headers)))
    entry.stream = new StoredStream({ claim: claimed, streams: ledger, memory: share.memory, stop, log })
  const journal: Journal = {
    begins: step => watch.begins(step),
    holds: ({ path }, error) => watch.holds(path, heldFor(error, holdMs(error), waitingAt(path, record))),
    calling: call => watch.calling(call),
    replies: () => place.toOutput(),
    checkpoint: (path, next) => {
      if (path === rootPath) entry.step = next.next === replyName ? undefined : next.next
      // A branch that failed keeps where it did, for a replay.
      const clears = next.ended?.kind !== 'failed' && forgetBelow(paths, path)
      paths.add(path)
      const visited = visits.length
      const steps = stepsInOrder(plan, [...stepsIn(path, record), ...visitsIn(path, visits).map(stepRecord)])
      const standing = { ...placeOf(plan, path, next), steps, delivery: record.deliveries }
      const mark = calls === undefined ? standing : { ...standing, calls: calls.made }
      const written = writeUntilTaken(() => ledger.checkpoint(claimed, { path, mark, clears }), stop, log)
      return written.then(answer => {
        if (answer !== true) return false
        watch.written(path, visited)
        return true
      })
    }
  }
  const attributes = requestAttributes(record.pipeline, record.id)
  return {
    id: record.id,
    original: record.event,
    signal: stop,
    deadline: performance.now() + (deadlineOf(record, plan) - Date.now()),
    headers: withoutTrace(record.headers.includes(tagHeader) ? withoutTags(record.headers) : record.headers),
    span: tracer.start(`run ${record.pipeline}`, attributes, storedCarrier(record), { kind: 'internal' }),
    calls,
    visits,
    share,
    journal,
    follower: undefined,
    stream: entry.stream,
    tags: keptTags(record.headers, plan)
  }
}

/** The reason why the step waited the last time. */
const waitingAt = (path: string, { waiting, told }: RequestRecord): Waiting | undefined =>
  told === undefined ? waiting : told.steps.find(step => step.path === path)?.waiting

/**
 * A delivery that ended in a crash, with nothing written down, has called its step at least once. Marks of former
 * versions, and of replays, do not say how many calls there were.
 */
function callsBefore({ marks, deliveries }: RequestRecord): number {
  let attempts = 0
  let counted = 0
  let latest = 1
  for (const { steps, delivery, calls = 0 } of marks.values()) {
    for (const step of steps) attempts += step.attempts
    counted = Math.max(counted, calls)
    latest = Math.max(latest, delivery)
  }
  return Math.max(attempts, counted) + Math.max(0, deliveries - latest)
}

/** Forgets the sequences inside the one at the path, which have ended; answers whether there were any. */
function forgetBelow(paths: Set<string>, path: string): boolean {
  const inside = [...paths].filter(other => isInside(other, path))
  for (const other of inside) paths.delete(other)
  return inside.length > 0
}

/** The visits of earlier deliveries in the sequence, and in those inside it. */
const stepsIn = (path: string, { marks }: RequestRecord): readonly StepRecord[] =>
  [...marks].flatMap(([other, { steps }]) => (other === path || isInside(other, path) ? steps : []))

const visitsIn = (path: string, visits: readonly Visit[]): readonly Visit[] =>
  path === rootPath ? visits : visits.filter(visit => isInside(visit.path, path))
