import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import { expiryOf } from '../event/expiry-time.ts'
import type { Outcome } from '../event/outcome.ts'
import { callCountOf } from '../flow/call-count-of.ts'
import { noMarks } from '../pipeline/paths.ts'
import { tellEnded } from '../flow/ended-trip.ts'
import type { Request } from '../flow/request.ts'
import type { RunOutcome } from '../flow/run.ts'
import { readTags, tagHeader } from '../flow/traffic/picked-tags.ts'
import { currentOf } from './current-of.ts'
import type { Serving } from '../flow/serving.ts'
import { tellOutcome } from '../flow/traced.ts'
import type { Answer } from '../http/answer.ts'
import type { Logger } from '../telemetry/log.ts'
import { requestAttributes, type Tracer } from '../telemetry/tracing.ts'
import type { Arrival } from './arrival.ts'
import { checkExpiry } from './check-expiry.ts'
import { LiveAnswer } from './live-answer.ts'
import { takesStreams } from './followed-reply.ts'
import { outcomeAnswer } from './outcome-answer.ts'
import { checkEncoding, receiveEvent } from './receive.ts'
import { propagatedHeaders } from './propagated-headers.ts'
import { startServerSpan } from './server-span.ts'
import { StreamedReply } from './streamed-reply.ts'
import { wantsEvents } from './wants-events.ts'

export interface ServeDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  readonly tracer: Tracer
  readonly log: Logger
}

/** Runs the pipeline for a caller who waits; `undefined` when the caller went away. */
export async function serveRequest(arrival: Arrival, serving: Serving, deps: ServeDeps): Promise<Answer | undefined> {
  const { incoming, headers, share } = arrival
  const { plan } = serving
  checkEncoding(headers)
  serving.checkRoom()
  const body = await incoming.body(plan.limits.maxBodyBytes, share)
  if (body === undefined) return undefined
  const identity = { id: arrival.id, source: plan.source, now: Date.now }
  const event = receiveEvent(incoming, headers, body, identity)
  checkExpiry(event, Date.now())
  return await runRequest(arrival, currentOf(serving, deps), event, deps)
}

async function runRequest(
  arrival: Arrival,
  serving: Serving,
  event: CloudEvent,
  deps: ServeDeps
): Promise<Answer | undefined> {
  const { gone, outgoing } = arrival
  // A place is taken only now: those who send slowly shut nobody out.
  serving.enter()
  arrival.place = serving
  const live = liveAnswer(arrival, serving)
  const request = startRequest(arrival, serving, event, live, deps)
  const left = serving.admission.run(gone)
  let run: RunOutcome
  try {
    run = await serving.run(request, noMarks)
  } finally {
    left()
  }
  const isCut = run.kind === 'cancelled' && serving.admission.isCut && !outgoing.destroyed
  if (isCut) serving.admission.countCut()
  const outcome: Outcome = isCut ? { kind: 'failed', error: serving.admission.refusal() } : run
  const answer = finish(outcome, request, arrival, serving, deps)
  return live === undefined ? answer : live.end(outcome, answer)
}

/** How the answer comes bit by bit; `undefined`: the caller can only take it as a whole. */
function liveAnswer(arrival: Arrival, serving: Serving): LiveAnswer | StreamedReply | undefined {
  const accept = arrival.headers.get('accept')
  if (wantsEvents(accept)) return new LiveAnswer(arrival, serving)
  return takesStreams(arrival) ? new StreamedReply(arrival) : undefined
}

function startRequest(
  arrival: Arrival,
  { plan }: Serving,
  event: CloudEvent,
  live: LiveAnswer | StreamedReply | undefined,
  { tracer }: ServeDeps
): Request {
  const { id, at, headers, gone, visits, share } = arrival
  const attributes = requestAttributes(plan.pipeline, id)
  return {
    id,
    original: event,
    signal: gone,
    deadline: Math.min(at + plan.deadlineMs, expiresAt(event)),
    headers: propagatedHeaders(headers, plan.propagate, id),
    span: startServerSpan(`POST ${plan.pipeline}`, arrival, event, attributes, tracer),
    visits,
    calls: callCountOf(plan),
    share,
    journal: undefined,
    follower: live,
    stream: live,
    tags: readTags(headers.get(tagHeader), plan)
  }
}

/** The time of the event's own end on the clock of `performance.now()`. */
function expiresAt(event: CloudEvent): number {
  const expiry = expiryOf(event)
  return expiry === Infinity ? Infinity : performance.now() + expiry - Date.now()
}

function finish(
  outcome: Outcome,
  request: Request,
  { at, path, headers }: Arrival,
  serving: Serving,
  { log }: ServeDeps
): Answer | undefined {
  const { pipeline } = serving.plan
  const totalMs = performance.now() - at
  const { id: requestId, visits, span } = request
  const { kind } = outcome
  tellEnded({ mode: 'sync', outcome: kind, visits, runMs: totalMs, totalMs, requestId: undefined }, serving, log)
  if (kind === 'failed') tellFailure(outcome.error, request, { pipeline, durationMs: totalMs, outcome: kind }, log)
  tellOutcome(span, outcome)
  const context = { instance: path, requestId, traceId: span.traceId, pipeline }
  return outcomeAnswer(outcome, headers.get('accept'), context)
}

/** A failure is told to the log as well as to the caller. */
function tellFailure(
  error: SluiceError,
  { id, span, visits }: Request,
  ended: { readonly pipeline: string; readonly durationMs: number; readonly outcome: 'failed' },
  log: Logger
): void {
  const fields = { ...ended, steps: visits, requestId: id, traceId: span.traceId, err: error }
  if (error.code === 'INTERNAL') log.error(fields, 'a request met a defect')
  else log.warn(fields, 'a request failed')
}
