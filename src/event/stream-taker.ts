import type { CloudEvent } from './event.ts'

/** Takes a reply that streams, for whoever waits for it. */
export interface StreamTaker {
  /** Whether a reply that begins now could be taken; false: it is to be collected. */
  readonly mayBegin: () => boolean
  /** Begins with the reply, without its data. False: it is not wanted any more. */
  begin(reply: CloudEvent): boolean
  /** Takes octets. False: enough for now; `drained` is called when there is room again. */
  readonly pass: (octets: Uint8Array, drained: () => void) => boolean
  /**
   * All octets that it took: the request goes on with them, and the answer is bounded like one that is collected.
   * `undefined`: they have left.
   */
  readonly whole: (() => Uint8Array) | undefined
}

/** Of a taker that takes whatever comes. */
export const always = (): boolean => true
