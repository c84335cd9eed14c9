import type { Call, Deliver, DeliveryPolicy } from '../../delivery/deliver.ts'
import type { CloudEvent } from '../../event/event.ts'
import type { BodyMemory } from '../../event/body-memory.ts'
import { carrierOf } from '../../telemetry/carrier.ts'
import { noopTracer } from '../../telemetry/tracing.ts'

/** Copies that are under way at once, for each mirror; more are dropped. */
const mostCopies = 64

export type CopyOutcome = 'replied' | 'failed' | 'dropped'

export interface MirrorOptions {
  /** Calls the mirror once, without a breaker. */
  readonly deliver: Deliver
  /** Whether this call is one of those that are copied. */
  readonly isCopied: () => boolean | Promise<boolean>
  /** For each copy, in milliseconds. */
  readonly timeoutMs: number
  readonly memory: BodyMemory
  readonly tell: (outcome: CopyOutcome) => void
}

const never = { aborted: false, addEventListener() {}, removeEventListener() {} }

/** Sends a copy of the first attempt of each delivery; nothing of it comes back, and nobody waits for it. */
export function mirrored({ deliver, isCopied, timeoutMs, memory, tell }: MirrorOptions): DeliveryPolicy {
  let underWay = 0

  const copy = async (event: CloudEvent, call: Call): Promise<void> => {
    const octets = event.data?.length ?? 0
    if (underWay >= mostCopies || !memory.hasRoom(octets)) return tell('dropped')
    underWay++
    memory.add(octets)
    try {
      const delivered = await deliver(event, copyOf(call, timeoutMs, event))
      tell(delivered.kind === 'failed' || delivered.kind === 'cancelled' ? 'failed' : 'replied')
    } finally {
      memory.add(-octets)
      underWay--
    }
  }
  const copySome = async (event: CloudEvent, call: Call): Promise<void> => {
    if (await isCopied()) await copy(event, call)
  }
  return next => (event, call) => {
    // A defect of the copy is not one of the call.
    if (call.attempts.count === 0) void copySome(event, call).catch(() => tell('failed'))
    return next(event, call)
  }
}

/** The same call, which costs the request nothing: neither its time, nor its calls, nor its trace. */
const copyOf = ({ requestId, original, headers }: Call, timeoutMs: number, event: CloudEvent): Call => ({
  requestId,
  original,
  headers,
  signal: never,
  deadline: performance.now() + timeoutMs,
  maxHoldMs: Infinity,
  span: noopTracer.start(
    'mirror',
    {},
    carrierOf(() => undefined, event)
  ),
  calls: undefined,
  attempts: { count: 0, heldSince: undefined },
  stream: undefined
})
