import type { UpstreamBody } from '../errors.ts'
import { encodeStructured } from '../event/encode-structured.ts'
import type { CloudEvent } from '../event/event.ts'
import type { DeadLetter, DeadLetterSummary } from '../ledger/dead-letters.ts'
import { rootPath } from '../pipeline/paths.ts'
import type { Failure } from '../ledger/record/settlement.ts'
import { stepsNow } from '../mover/steps-now.ts'
import { statusDocument } from '../ledger/record/status-document.ts'

/** A dead letter in a list: its cause, and what became of it. Times are RFC 3339. */
export function deadLetterDocument({ record, replayedAs, closed }: DeadLetterSummary) {
  const { id, pipeline, generation, deliveries, acceptedAt, finishedAt, error, steps, replayOf } = statusDocument(
    record,
    { first: undefined, hold: undefined, steps: stepsNow(record, undefined, undefined) }
  )
  return {
    id,
    pipeline,
    generation,
    ...error,
    ...answerOf(record.failure?.upstreamBody),
    failures: record.failure?.failures,
    deliveries,
    acceptedAt,
    failedAt: finishedAt,
    traceId: record.traceId,
    steps,
    replayOf,
    replayedAs,
    closed
  }
}

/** The step's own answer, whether callers are told of it or not: operators are. */
function answerOf(body: UpstreamBody | undefined) {
  if (body === undefined || body.octets.length === 0) return {}
  if (body.text !== undefined) return { upstreamBody: body.text }
  return { upstreamBody_base64: Buffer.from(body.octets).toString('base64') }
}

/** The whole dead letter as JSON text, with the events in it to the octet: their numbers may be larger than ours. */
export function deadLetterText(letter: DeadLetter): Uint8Array {
  const { event, failure } = letter.record
  const document = JSON.stringify(deadLetterDocument(letter))
  const input = failure === undefined ? [] : member('input', inputOf(failure))
  return Buffer.concat([Buffer.from(document.slice(0, -1)), ...member('event', event), ...input, Buffer.from('}')])
}

/** The event that the failing step got: that of the innermost place. */
function inputOf({ path, places }: Failure): CloudEvent | undefined {
  const atPath = [...places].find(([outer, { next }]) => path !== undefined && isAt(path, outer, next ?? ''))
  return (atPath?.[1] ?? places.get(rootPath))?.event
}

/** A choice of a split that is one step stands at the path of its sequence. */
const isAt = (path: string, sequence: string, next: string): boolean =>
  path === (sequence === '' ? next : `${sequence}/${next}`) || (path === sequence && path.endsWith(`/${next}`))

const member = (name: string, event: CloudEvent | undefined): Uint8Array[] => [
  Buffer.from(`,"${name}":`),
  (event && encodeStructured(event).body) ?? Buffer.from('null')
]
