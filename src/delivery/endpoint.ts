import { SluiceError, type ErrorCode } from '../errors.ts'
import type { CallCount } from './call-count.ts'
import { EgressRefused } from './connect.ts'
import type { HeaderValues } from '../secrets/header-values.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import { encodeCall } from './encode-call.ts'
import { InterimOnly, type Exchanged, type StepAnswer } from './exchange.ts'
import { NameNotResolved } from './names/name-not-resolved.ts'
import type { Origin } from './origin.ts'
import { isOwnShortage } from './own-shortage.ts'
import { readAnswer, type AnswerReader } from './read-answer.ts'
import type { Streaming } from '../pipeline/node.ts'
import type { SpanAttributes } from '../telemetry/tracing.ts'
import { shownUrl } from './shown-url.ts'
import { readStream, type StreamedAnswer } from './read-stream.ts'
import { streamingAnswer, type StreamingAnswer } from './streaming-answer.ts'

export interface EndpointOptions extends AnswerReader {
  readonly mode: 'binary' | 'structured'
  readonly timeoutMs: number
  /** Of a whole request, in milliseconds; Infinity: none. */
  readonly deadlineMs: number
  readonly maxReplyBytes: number
  /** Whether its answers may go on as they come; `undefined`: they are collected. */
  readonly streaming: Streaming | undefined
  /** Sent with each call, beside the event and the call's own headers. */
  readonly headers: readonly string[]
  /** Headers of the destination itself; `undefined`: it has none. */
  readonly own: OwnHeaders | undefined
  /** Is told of each attempt as it begins; `undefined`: nobody counts. */
  readonly attempted: (() => void) | undefined
}

/** The headers that a definition sends with each call of a destination; they go before those that are sent anyway. */
export interface OwnHeaders {
  /** Lower-case. */
  readonly names: ReadonlySet<string>
  /** Looked up for each call. */
  readonly values: () => HeaderValues
}

/** Where a destination is at this moment. */
export type Location = Address | { readonly kind: 'nowhere'; readonly reason: string }

export interface Address {
  readonly kind: 'at'
  readonly origin: Origin
  readonly path: string
}

/** A destination that is not there yet, such as a local process that starts, is looked for again this soon. */
const notReadyRetryMs = 1000

/** Calls one URL once and reads its answer. */
export function endpoint(locate: () => Location, options: EndpointOptions): Deliver {
  return (event, call) => {
    const location = locate()
    return location.kind === 'nowhere'
      ? Promise.resolve(notReady(options, location.reason))
      : callAt(location, options, event, call)
  }
}

/** Calls an address once and reads its answer. */
export function callAt(location: Address, options: EndpointOptions, event: CloudEvent, call: Call): Promise<Delivered> {
  const startedAt = performance.now()
  const remainingMs = call.deadline - startedAt
  if (remainingMs <= 0) return Promise.resolve(tooLate(options))
  const own = options.own?.values()
  if (own?.kind === 'missing') return Promise.resolve(notReady(options, own.reason))
  if (call.calls?.take() === false) return Promise.resolve(tooMany(options, call.calls))
  call.attempts.count++
  options.attempted?.()
  if (call.span.recording) call.span.set(requestAttributes(location))
  const message = encodeCall(event, options.mode, headersBeside(options, call, own?.flat))
  const taker = streamingAnswer(options.streaming, call.stream, answer => readAnswer(answer, event, call, options))
  const posted = location.origin.post({
    path: location.path,
    headers: message.headers,
    body: message.body,
    maxBytes: options.maxReplyBytes,
    timeoutMs: attemptTimeout(options.timeoutMs, remainingMs),
    startedAt,
    signal: call.signal,
    taker
  })
  return posted.then(exchanged => {
    if (call.span.recording) call.span.set(answerAttributes(exchanged))
    if (exchanged.kind === 'answered') return readAnswer(exchanged, event, call, options)
    if (exchanged.kind === 'streamed') return streamed(exchanged, taker, options)
    return readFault(exchanged, options, remainingMs)
  })
}

/** Of a name that the destination has a header of its own for, nothing else is sent. */
function headersBeside({ headers, own }: EndpointOptions, call: Call, values: readonly string[] | undefined) {
  const ofTrace = call.span.headers()
  if (own === undefined || values === undefined) return [headers, call.headers, ofTrace]
  return [without(headers, own.names), without(call.headers, own.names), values, ofTrace]
}

const without = (flat: readonly string[], names: ReadonlySet<string>): readonly string[] =>
  flat.filter((_, i) => !names.has(flat[i - (i % 2)] ?? ''))

function streamed(
  { ended }: StreamedAnswer,
  taker: StreamingAnswer | undefined,
  { label, maxReplyBytes }: EndpointOptions
): Delivered {
  if (taker === undefined) throw new Error('an answer is streamed only to who takes it')
  return readStream(ended, taker, label, maxReplyBytes)
}

/** By the HTTP semantic conventions; a query may hold a secret. */
function requestAttributes({ origin, path }: Address): SpanAttributes {
  const { hostname, port, protocol } = new URL(origin.name)
  return {
    'http.request.method': 'POST',
    'url.full': shownUrl(`${origin.name}${path}`),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80)
  }
}

function answerAttributes(exchanged: Exchanged): SpanAttributes {
  const last = exchanged.kind === 'streamed' ? exchanged.ended : exchanged
  return last.kind === 'answered' ? { 'http.response.status_code': last.status } : {}
}

/** Nothing of the step runs that could be called, which is no attempt: a stored request is held. */
export const notStarted = ({ label }: EndpointOptions, why: string, retryAfterMs: number): Delivered => ({
  kind: 'failed',
  error: new SluiceError('STEP_UNREACHABLE', `${label} could not be reached: ${why}`, {
    facts: { notStarted: true, retryAfterMs }
  })
})

/** The deadline of the request was over before the call; `why`: what it waited for. */
export const tooLate = (options: EndpointOptions, why?: string): Delivered =>
  fail(
    options,
    'DEADLINE_EXCEEDED',
    `was not called before the deadline of the request${why === undefined ? '' : `: ${why}`}`
  )

const tooMany = (options: EndpointOptions, { limit }: CallCount): Delivered =>
  fail(options, 'CALL_LIMIT', `was not called: the request has made ${limit} calls, as many as limits.maxCalls allows`)

/**
 * A timeout that is nearly the deadline is left as it is: Node keeps a list of timers for each length, and lengths that
 * differ by milliseconds would make a list for every call.
 */
export const attemptTimeout = (timeoutMs: number, remainingMs: number): number =>
  remainingMs >= timeoutMs * 0.99 ? timeoutMs : remainingMs

function readFault(
  fault: Exclude<Exchanged, StepAnswer | StreamedAnswer>,
  options: EndpointOptions,
  remainingMs: number
): Delivered {
  switch (fault.kind) {
    case 'aborted':
      return { kind: 'cancelled' }
    case 'timeout':
      if (remainingMs > options.timeoutMs) {
        return fail(options, 'STEP_TIMEOUT', `did not answer within ${options.timeoutMs} ms`)
      }
      return outOfTime(options, remainingMs)
    case 'tooLarge':
      return fail(options, 'STEP_BAD_REPLY', `gave an answer of more than ${options.maxReplyBytes} bytes`)
    case 'broken':
      return broken(fault.cause, options)
  }
}

/** The deadline of the request was over in the middle of a call that was given so much time. */
export function outOfTime({ label, timeoutMs, deadlineMs }: EndpointOptions, givenMs: number): Delivered {
  const facts = { cutShort: givenMs < Math.min(timeoutMs, deadlineMs) / 2 }
  const message = `${label} did not answer before the deadline of the request`
  return { kind: 'failed', error: new SluiceError('DEADLINE_EXCEEDED', message, { facts }) }
}

/** undici's codes for an answer that is not HTTP, or not the HTTP that it says it is. */
const badReplyCodes = /^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_CONTENT_LENGTH_MISMATCH$)/

/** Undici's error for a final answer with a status below 200; it has no code of its own. */
const informationalOnly = /^bad (response|upgrade)$/

function broken(cause: Error, options: EndpointOptions): Delivered {
  if (cause instanceof EgressRefused) {
    return fail(options, 'EGRESS_REFUSED', 'has an address that the egress rules of this gateway refuse', cause)
  }
  // undici leaves the code of some of its errors undefined.
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  if (isOwnShortage(code)) {
    return fail(
      options,
      'OVERLOADED',
      `was not called: this gateway has no file descriptor, port or memory left for it (${code})`,
      cause
    )
  }
  if (badReplyCodes.test(code) || informationalOnly.test(cause.message) || cause instanceof InterimOnly) {
    return fail(options, 'STEP_BAD_REPLY', `gave an answer that is not valid HTTP (${code})`, cause)
  }
  if (cause instanceof NameNotResolved) {
    return fail(options, 'STEP_UNREACHABLE', `could not be reached: its name was not resolved (${code})`, cause)
  }
  return fail(options, 'STEP_UNREACHABLE', `could not be reached, or the connection broke (${code})`, cause)
}

/** The destination is not there yet. */
export function notReady({ label }: EndpointOptions, reason: string): Delivered {
  const facts = { retryAfterMs: notReadyRetryMs }
  return { kind: 'failed', error: new SluiceError('PIPELINE_NOT_READY', `${label} is not ready: ${reason}`, { facts }) }
}

function fail({ label }: EndpointOptions, code: ErrorCode, what: string, cause?: unknown): Delivered {
  return { kind: 'failed', error: new SluiceError(code, `${label} ${what}`, { cause }) }
}
