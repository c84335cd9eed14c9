import type { CloudEvent } from '../event/event.ts'
import type { Logger } from '../telemetry/log.ts'
import { noopSpan } from '../telemetry/tracing.ts'
import type { Deliver } from './deliver.ts'
import { startMs } from './hold.ts'

/** Dead letters of synchronous requests that may be under way at once; more are logged and let go. */
const maxPending = 1000

/**
 * Sends what synchronous requests leave behind to their dead letter sinks. The caller has its answer already and is
 * not kept waiting, so these run beside it; disposing waits for them, and after the grace gives them up.
 */
export interface DeadLetterSink extends AsyncDisposable {
  /** Resolves when it was delivered, or given up and told to the log. */
  send(deliver: Deliver, event: CloudEvent, left: LeftBehind, headers: readonly string[]): Promise<void>
}

/** The origin of the dead letter, as the log names it. */
export interface LeftBehind {
  /** `namespace/name`. */
  readonly pipeline: string
  /** The step that failed; `undefined`: the delivery of the reply did. */
  readonly step: string | undefined
  readonly requestId: string
  readonly traceId: string | undefined
}

export function createDeadLetterSink(log: Logger, graceLeftMs: () => number): DeadLetterSink {
  const pending = new Set<Promise<void>>()
  // Bounded by its retries and timeouts, not by a caller.
  const ending = new AbortController()

  const deliverOne = async (
    deliver: Deliver,
    event: CloudEvent,
    left: LeftBehind,
    headers: readonly string[]
  ): Promise<void> => {
    const call = {
      requestId: left.requestId,
      original: event,
      signal: ending.signal,
      deadline: Infinity,
      maxHoldMs: startMs,
      headers,
      span: noopSpan,
      attempts: { count: 0, heldSince: undefined },
      calls: undefined,
      stream: undefined
    }
    const delivered = await deliver(event, call)
    if (delivered.kind === 'failed') {
      log.error({ ...left, err: delivered.error }, 'a dead letter could not be delivered to its sink')
    } else if (delivered.kind === 'cancelled') {
      log.error(left, 'a dead letter was given up: the gateway ended before its sink took it')
    }
  }

  return {
    async send(deliver, event, left, headers) {
      if (pending.size >= maxPending) {
        log.error(left, `a dead letter was let go: ${maxPending} are under way to their sinks already`)
        return
      }
      const sending = deliverOne(deliver, event, left, headers).catch((thrown: unknown) =>
        log.error({ ...left, err: thrown }, 'a dead letter could not be sent')
      )
      pending.add(sending)
      await sending
      pending.delete(sending)
    },
    async [Symbol.asyncDispose]() {
      const cut = setTimeout(() => ending.abort(), graceLeftMs())
      await Promise.all(pending)
      clearTimeout(cut)
    }
  }
}
