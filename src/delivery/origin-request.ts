import type { EndSignal } from '../event/end-signal.ts'
import type { AnswerTaker } from './streamed-exchange.ts'

/** One POST to an origin. */
export interface OriginRequest {
  readonly path: string
  readonly headers: string[]
  readonly body: Uint8Array | undefined
  /** Of the answer. */
  readonly maxBytes: number
  readonly timeoutMs: number
  /** Since when the timeout counts, on the clock of `performance.now()`. */
  readonly startedAt: number
  readonly signal: EndSignal
  /** Takes the answer as it comes; `undefined`: it is collected. */
  readonly taker: AnswerTaker | undefined
}
