import { SluiceError, toSluiceError } from '../errors.ts'
import { isIdentity } from '../event/content-coding.ts'
import { decodeHttp } from '../event/decode.ts'
import { beginsWithMediaType } from '../event/essence.ts'
import type { CloudEvent } from '../event/event.ts'
import { isCloudEventsMediaType } from '../event/media-type.ts'
import { trimmed } from '../event/trimmed.ts'
import type { Delivered } from './deliver.ts'
import type { AnswerHeaders, StepAnswer } from './exchange.ts'
import { replyEvent, type Asker, type ReplyIdentity } from './reply-event.ts'
import { statusError } from './status-error.ts'

/** How the answers of one step are read. */
export interface AnswerReader {
  /** The destination, as errors name it: `step "sentiment"`. */
  readonly label: string
  readonly reply: 'auto' | 'cloudevent' | 'json'
  /** Whether the body of an error answer may be told to others than the dead letter. */
  readonly tellsUpstream: boolean
  /** Of a reply event that is made from a plain answer. */
  readonly identify: (call: Asker) => ReplyIdentity
}

/** The reply table. `input` is the event that the step got. */
export function readAnswer(answer: StepAnswer, input: CloudEvent, call: Asker, reader: AnswerReader): Delivered {
  const { status, headers, body } = answer
  if (status === 202 || status === 204) return { kind: 'empty' }
  if (status < 200 || status > 299) return failed(statusError(answer, reader.label, reader.tellsUpstream))
  const encoding = headers['content-encoding']
  if (encoding !== undefined && body.length > 0 && !isIdentity(String(encoding))) {
    return badReply(reader, `a body with content-encoding ${shown(encoding)}, which nobody asked for`)
  }
  const contentType = labelOf(headers)
  if (body.length === 0 && contentType !== undefined && isCloudEventsMediaType(contentType)) return { kind: 'empty' }
  const decoded = reader.reply === 'json' || isPlain(headers) ? ({ kind: 'none' } as const) : decodeAnswer(answer)
  switch (decoded.kind) {
    case 'event':
      return { kind: 'reply', event: decoded.event }
    case 'batch':
      return badReply(reader, 'a batch of events where one reply is expected')
    case 'malformed':
      return badReply(reader, `a malformed CloudEvent: ${decoded.error.message}`, decoded.error)
    case 'none':
      if (body.length === 0) return { kind: 'empty' }
      if (reader.reply === 'cloudevent')
        return badReply(reader, 'no CloudEvent, which the step is declared to reply with')
      return { kind: 'reply', event: derive(reader, input, call, contentType, body) }
  }
}

function derive(
  { identify, reply }: AnswerReader,
  input: CloudEvent,
  call: Asker,
  contentType: string | undefined,
  body: Uint8Array
): CloudEvent {
  const event = replyEvent(input, identify(call), contentType, body)
  return reply === 'json' ? { ...event, dataIsJson: true } : event
}

/** No label at all is better than one that every receiver of the event would refuse. */
function labelOf(headers: AnswerHeaders): string | undefined {
  const label = single(headers['content-type'])
  return label !== undefined && beginsWithMediaType(label) ? label : undefined
}

/** Neither its type nor a header says that it carries an event: nearly every answer, so that the codec is spared. */
function isPlain(headers: AnswerHeaders): boolean {
  const type = headers['content-type']
  if (type !== undefined && (typeof type !== 'string' || isCloudEventsMediaType(type))) return false
  for (const name in headers) if (name.startsWith('ce-')) return false
  return true
}

function decodeAnswer({ headers, body }: StepAnswer) {
  try {
    return decodeHttp(eventHeaders(headers), body)
  } catch (thrown) {
    return { kind: 'malformed', error: toSluiceError(thrown) } as const
  }
}

/** Only what the codec looks at, as the flat list that it reads. */
function eventHeaders(headers: AnswerHeaders): string[] {
  const flat: string[] = []
  for (const name in headers) {
    if (name !== 'content-type' && !name.startsWith('ce-')) continue
    const value = headers[name]
    if (typeof value === 'string') flat.push(name, value)
    else for (const one of value ?? []) flat.push(name, one)
  }
  return flat
}

function badReply({ label }: AnswerReader, what: string, cause?: unknown): Delivered {
  return failed(new SluiceError('STEP_BAD_REPLY', `${label} gave ${what}`, { cause }))
}

/** A header that is given more than once says nothing. */
const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? trimmed(value) : undefined
const failed = (error: SluiceError): Delivered => ({ kind: 'failed', error })
const shown = (value: string | string[]): string => JSON.stringify(String(value).slice(0, 64))
