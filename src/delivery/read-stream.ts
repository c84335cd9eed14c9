import { SluiceError, type ErrorCode } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Delivered } from './deliver.ts'
import type { Exchanged } from './exchange.ts'

/** An answer that was passed on as it came. */
export type StreamedAnswer = Extract<Exchanged, { readonly kind: 'streamed' }>

/** The result of an answer that was passed on already: the reply, or the error that broke it off. */
export function readStream(
  ended: StreamedAnswer['ended'],
  taken: { readonly reply: CloudEvent; readonly idleMs: number },
  label: string,
  maxBytes: number
): Delivered {
  switch (ended.kind) {
    case 'answered':
      return { kind: 'reply', event: taken.reply }
    case 'aborted':
      return { kind: 'cancelled' }
    case 'timeout':
      return brokenOff('STEP_TIMEOUT', `${label} began its answer and then sent nothing for ${taken.idleMs} ms`)
    case 'broken':
      return brokenOff('STEP_BROKEN_OFF', `${label} broke off its answer in the middle`, ended.cause)
    case 'tooLarge':
      return brokenOff('STEP_BAD_REPLY', `${label} gave an answer of more than ${maxBytes} bytes`)
  }
}

function brokenOff(code: ErrorCode, message: string, cause?: Error): Delivered {
  return { kind: 'failed', error: new SluiceError(code, message, { facts: { begun: true }, cause }) }
}
