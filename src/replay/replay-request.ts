import { SluiceError } from '../errors.ts'
import type { DeadLetter } from '../ledger/dead-letters.ts'
import type { Mark, Marks } from '../ledger/record/mark.ts'
import { noMarks, rootPath } from '../pipeline/paths.ts'
import type { Failure } from '../ledger/record/settlement.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { nodesOf, sequenceAt } from '../pipeline/nodes-of.ts'
import { isSinks, replyName } from '../pipeline/node.ts'
import { originOf } from '../pipeline/origin.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Span } from '../telemetry/tracing.ts'
import { withoutTrace } from '../telemetry/carrier.ts'

/** Where a replay begins: at the step that failed, with the event that it got, or at the first step. */
export type ReplayFrom = 'step' | 'start'

/** The current generation of a pipeline. */
export interface Served {
  readonly plan: Plan
  readonly generation: number
}

/** The parts that a replay has of its own. */
export interface ReplayIdentity {
  readonly id: string
  readonly span: Span
}

/**
 * The request that replays a dead letter on the plan as it is now. Throws INVALID_REQUEST when its step is gone, or all
 * that its reply could go to.
 */
export function replayRequest(
  { record }: DeadLetter,
  from: ReplayFrom,
  { plan, generation }: Served,
  { id, span }: ReplayIdentity
): NewRequest {
  const { failure } = record
  refuseLostReply(record, plan)
  return {
    id,
    pipeline: record.pipeline,
    generation,
    event: record.event,
    headers: [...headersFor(id, record), ...span.headers()],
    priority: record.priority,
    orderKey: record.orderKey,
    // The watermark has passed the time of the event already, and must not go back.
    eventTime: undefined,
    deduplicationKeys: [],
    fingerprint: '',
    ttlMs: plan.requests.ttlMs,
    maxQueued: plan.limits.maxQueued,
    marks: from === 'start' || failure === undefined ? noMarks : marksOf(failure, plan),
    replayOf: record.id,
    traceId: span.traceId ?? record.traceId,
    deadline: plan.storedDeadlineMs === Infinity ? undefined : Date.now() + plan.storedDeadlineMs
  }
}

/** A request id that stood for the caller's is the new one. */
const headersFor = (id: string, record: RequestRecord): string[] =>
  withoutTrace(record.headers).map(text => (text === record.id ? id : text))

/** A ServingPipeline may go on without the Pipeline of its name: an entry of a source would be spent, and reach nobody. */
function refuseLostReply({ headers, pipeline }: RequestRecord, { sources, flow }: Plan): void {
  if (originOf(headers) !== 'source' || sources.length > 0 || flow.some(isSinks)) return
  throw new SluiceError(
    'INVALID_REQUEST',
    `a source of ${pipeline} took this in, and its sinks are gone: bring the Pipeline of this name back, or purge it`
  )
}

/** The places that the plan still has; the steps that were visited before are those of the dead letter. */
function marksOf({ code, path: failed, places }: Failure, { flow, pipeline }: Plan): Marks {
  const root = places.get(rootPath)
  // It failed before it came to its first step.
  if (root?.next === undefined && root?.index === 0) return noMarks
  // Older versions left the name out where the delivery of the reply failed.
  const next = root?.next ?? (code === 'PIPELINE_CHANGED' ? undefined : replyName)
  const isThere =
    flow.some(({ name }) => name === next) &&
    (failed === undefined || nodesOf(flow).some(({ path }) => path === failed))
  if (root === undefined || next === undefined || !isThere) {
    const gone =
      next === undefined
        ? 'the place at which the request stood'
        : next === replyName
          ? 'reply destination'
          : `step "${failed ?? next}"`
    throw new SluiceError('INVALID_REQUEST', `${pipeline} has no ${gone} any more; replay it with from=start`)
  }
  const index = flow.findIndex(({ name }) => name === next)
  const marks = new Map<string, Mark>([[rootPath, { ...root, next, index, steps: [], delivery: 1 }]])
  for (const [path, place] of places) {
    const sequence = path === rootPath ? undefined : sequenceAt(flow, path)
    if (sequence === undefined) continue
    // A branch that failed runs again, from where it did.
    const ended = place.ended?.kind === 'failed' ? undefined : place.ended
    if (ended === undefined && !sequence.some(({ name }) => name === place.next)) continue
    marks.set(path, { ...place, ended, steps: [], delivery: 1 })
  }
  return marks
}
