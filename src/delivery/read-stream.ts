import { SluiceError, type ErrorCode } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Delivered } from './deliver.ts'
import type { Exchanged } from './exchange.ts'
import type { AnswerReader } from './read-answer.ts'
import { replyEvent, type Asker } from './reply-event.ts'

/** An answer that was passed on as it came. */
export type StreamedAnswer = Extract<Exchanged, { readonly kind: 'streamed' }>

/** What an answer comes to that the caller has had already: a reply event without its data, or what broke it off. */
export function readStream(
  ended: StreamedAnswer['ended'],
  input: CloudEvent,
  call: Asker,
  { label, identify }: AnswerReader
): Delivered {
  switch (ended.kind) {
    case 'answered':
      return { kind: 'reply', event: replyEvent(input, identify(call), 'text/event-stream', ended.body) }
    case 'aborted':
      return { kind: 'cancelled' }
    case 'timeout':
      return brokenOff('STEP_TIMEOUT', `${label} began its stream and then sent nothing for too long`)
    case 'broken':
      return brokenOff('STEP_UNREACHABLE', `${label} broke off its stream`, ended.cause)
    case 'tooLarge':
      return brokenOff('STEP_BAD_REPLY', `${label} streamed too much`)
  }
}

function brokenOff(code: ErrorCode, message: string, cause?: Error): Delivered {
  return { kind: 'failed', error: new SluiceError(code, message, { facts: { begun: true }, cause }) }
}
