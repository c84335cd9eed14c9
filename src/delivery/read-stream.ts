import { SluiceError, type ErrorCode } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Delivered } from './deliver.ts'
import type { Exchanged } from './exchange.ts'

/** An answer that was passed on as it came. */
export type StreamedAnswer = Extract<Exchanged, { readonly kind: 'streamed' }>

/**
 * The result of an answer that the caller has had already: the reply without its data, or the error that broke it off.
 */
export function readStream(
  ended: StreamedAnswer['ended'],
  reply: CloudEvent,
  label: string,
  idleMs: number
): Delivered {
  switch (ended.kind) {
    case 'answered':
      return { kind: 'reply', event: reply }
    case 'aborted':
      return { kind: 'cancelled' }
    case 'timeout':
      return brokenOff('STEP_TIMEOUT', `${label} began its answer and then sent nothing for ${idleMs} ms`)
    case 'broken':
      return brokenOff('STEP_BROKEN_OFF', `${label} broke off its answer in the middle`, ended.cause)
    case 'tooLarge':
      throw new Error('an answer that streams has no limit')
  }
}

function brokenOff(code: ErrorCode, message: string, cause?: Error): Delivered {
  return { kind: 'failed', error: new SluiceError(code, message, { facts: { begun: true }, cause }) }
}
