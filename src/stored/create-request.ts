import { createHash } from 'node:crypto'
import { callerKey } from '../access/caller.ts'
import { attribute, type CloudEvent } from '../event/event.ts'
import { expiryOf } from '../event/expiry-time.ts'
import type { Serving } from '../flow/serving.ts'
import { noMarks } from '../pipeline/paths.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Span } from '../telemetry/tracing.ts'

export interface Arriving {
  readonly id: string
  readonly event: CloudEvent
  /** Flat list of what steps receive of the caller's headers. */
  readonly headers: readonly string[]
  readonly idempotencyKey: string | undefined
  readonly caller: Parameters<typeof callerKey>[0]
  /** True: `source` and `id` were chosen by the caller, and name the event. */
  readonly named: boolean
  readonly span: Span
}

/** Used by everybody who does not say otherwise. */
const usualPriority = 5

/** The request as the ledger takes it. */
export function createRequest(
  acceptance: Arriving,
  { plan, generation }: Pick<Serving, 'plan' | 'generation'>
): NewRequest {
  const { id, event, headers, named, span } = acceptance
  const keys = plan.requests.deduplicate ? deduplicationKeys(acceptance) : []
  return {
    id,
    pipeline: plan.pipeline,
    generation,
    event,
    headers: [...headers, ...span.headers()],
    priority: priorityOf(event),
    orderKey: plan.ordering === 'key' ? attribute(event, 'partitionkey') : undefined,
    // The gateway's own mark would be that of its clock.
    eventTime: named ? eventTime(event) : undefined,
    deduplicationKeys: keys,
    fingerprint: keys.length === 0 ? '' : fingerprint(event),
    ttlMs: plan.requests.ttlMs,
    maxQueued: plan.limits.maxQueued,
    marks: noMarks,
    replayOf: undefined,
    traceId: span.traceId,
    deadline: deadlineFor(event, plan)
  }
}

/** The `priority` extension: 0 to 9, 9 first. */
function priorityOf(event: CloudEvent): number {
  const priority = attribute(event, 'priority') ?? ''
  return /^[0-9]$/.test(priority) ? Number(priority) : usualPriority
}

function deadlineFor(event: CloudEvent, { storedDeadlineMs }: Plan): number | undefined {
  const deadline = Math.min(Date.now() + storedDeadlineMs, expiryOf(event))
  return deadline === Infinity ? undefined : deadline
}

function eventTime(event: CloudEvent): number | undefined {
  const time = Date.parse(attribute(event, 'time') ?? '')
  return Number.isNaN(time) ? undefined : time
}

/** Keys belong to their caller: nobody comes to the request of another one by guessing its key. */
function deduplicationKeys({ event, idempotencyKey, caller, named }: Arriving): string[] {
  const owner = callerKey(caller)
  const keys = idempotencyKey === undefined ? [] : [`key${owner}:${idempotencyKey}`]
  if (named) keys.push(`event${owner}:${JSON.stringify([attribute(event, 'source'), attribute(event, 'id')])}`)
  return keys
}

/** The parts that must be equal when a key is used again: the kind of data, and the data. */
function fingerprint({ attributes, data }: CloudEvent): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([attributes.get('type'), attributes.get('datacontenttype')]))
  return hash.update(data ?? '').digest('base64url')
}
