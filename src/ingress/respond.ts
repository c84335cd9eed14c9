import type { ServerResponse } from 'node:http'
import { SluiceError, toSluiceError } from '../errors.ts'
import type { Identified, Identify } from '../access/identify.ts'
import { BodyShare, type BodyMemory } from '../event/body-memory.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Visit } from '../flow/request.ts'
import { writeAnswer, type Answer } from '../http/answer.ts'
import { closeAfter, limitRest } from '../http/close-after.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import { problemAnswer } from '../http/problem.ts'
import { pauseReading, resumeReading } from '../http/reading.ts'
import { refusalAnswer } from '../http/refusal-answer.ts'
import { answeredLater } from '../http/route-request.ts'
import type { Logger } from '../telemetry/log.ts'
import { isTurnedAway, type Refused } from '../telemetry/refusals.ts'
import { createArrival } from './create-arrival.ts'
import type { Arrival } from './arrival.ts'
import { checkBrowser, listedOrigin, originHeaders, preflightAnswer, type BrowserRules } from './browser-callers.ts'
import { depart } from './departure.ts'
import { readHeaders, type RequestHeaders } from './request-headers.ts'
import { serverTiming } from './server-timing.ts'

export interface RespondDeps {
  /** Finds the caller by the `Authorization`, and whether the data plane lets that caller in. */
  readonly identify: Identify
  readonly browsers: BrowserRules
  readonly turnedAway: Refused
  /** True while the gateway shuts down: nothing new is begun. */
  readonly closing: () => boolean
  /** The memory that all bodies in flight share. */
  readonly memory: BodyMemory
  readonly log: Logger
}

/** A request, and where it goes. */
export interface Asked {
  readonly incoming: IncomingRequest
  readonly outgoing: ServerResponse
  readonly path: string
  /** The pipeline that the path names, whether there is one or not. */
  readonly pipeline: string | undefined
}

/** Runs a handler for the request and writes what it answers, or the problem that it throws. */
export function respond(
  { incoming, outgoing, path, pipeline }: Asked,
  deps: RespondDeps,
  handle: (arrival: Arrival) => Answer | Promise<Answer | undefined>,
  finish: (answer: Answer) => Answer = unchanged
): Response {
  const id = createRequestId()
  const at = performance.now()
  const visits: Visit[] = []
  let arrival: Arrival | undefined
  const write = (answer: Answer | undefined): void => {
    try {
      if (answer === undefined) return
      // Of a request that began before the shutdown did: no other shall follow it.
      if (deps.closing() && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
      const timing = serverTiming(visits, performance.now() - at)
      writeAnswer(outgoing, finish(answer), ['sluice-request-id', arrival?.requestId ?? id, 'server-timing', timing])
    } catch (thrown) {
      tellDefect(thrown)
      writeAnswer(outgoing, refusalAnswer(toSluiceError(thrown)))
    } finally {
      if (!incoming.complete) limitRest(incoming)
      if (arrival !== undefined) depart(arrival, answer)
    }
  }
  const tellDefect = (thrown: unknown): void => deps.log.error({ requestId: id, err: thrown }, 'a request met a defect')
  const refuse = (thrown: unknown): void => {
    const error = toSluiceError(thrown)
    if (error.code === 'INTERNAL') tellDefect(thrown)
    if (isTurnedAway(error.code)) deps.turnedAway(error.code, incoming.socket.remoteAddress)
    for (const span of arrival?.spans ?? []) span.fail(error.code, error.message)
    if (error.code === 'BODY_TOO_LARGE' && !incoming.complete) closeAfter(incoming, outgoing)
    write(problemAnswer(error, { instance: path, requestId: arrival?.requestId ?? id, pipeline }))
  }
  try {
    const headers = readHeaders(incoming.rawHeaders)
    const preflight = greetBrowser(headers, incoming, outgoing, deps)
    if (preflight !== undefined) {
      write(preflight)
      return answeredLater
    }
    if (deps.closing()) throw shuttingDown()
    const serve = (identified: Identified): void => {
      if (identified.kind === 'refused') throw identified.error
      const { caller } = identified
      arrival = createArrival({ id, path, at, visits, headers, caller, incoming, outgoing }, deps.memory)
      const answer = handle(arrival)
      if (answer instanceof Promise) void answer.then(write, refuse)
      else write(answer)
    }
    const identified = deps.identify(headers.get('authorization'))
    if (identified instanceof Promise) void hold(identified, incoming, deps.memory).then(serve).catch(refuse)
    else serve(identified)
  } catch (thrown) {
    refuse(thrown)
  }
  return answeredLater
}

/** While nobody knows yet who calls, nothing of the body is read but what was on its way. */
async function hold(
  identified: Promise<Identified>,
  incoming: Asked['incoming'],
  memory: BodyMemory
): Promise<Identified> {
  incoming.keepBody(new BodyShare(memory))
  pauseReading(incoming.socket)
  try {
    const known = await identified
    // Whoever asks for the body has it released.
    if (known.kind === 'refused') incoming.releaseBody()
    return known
  } finally {
    resumeReading(incoming.socket)
  }
}

const unchanged = (answer: Answer): Answer => answer

/** Lets the pages of listed origins read whatever the answer is; the question whether they may is answered here. */
function greetBrowser(
  headers: RequestHeaders,
  incoming: Asked['incoming'],
  outgoing: Asked['outgoing'],
  { browsers }: RespondDeps
): Answer | undefined {
  const origin = listedOrigin(headers, browsers)
  if (origin === undefined) {
    checkBrowser(headers, browsers)
    return undefined
  }
  for (const [name, value] of originHeaders(origin)) outgoing.setHeader(name, value)
  return preflightAnswer(incoming.method, headers)
}

const shuttingDown = (): SluiceError =>
  new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down; another replica may serve this')
