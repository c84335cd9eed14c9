import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono, type Context } from 'hono'
import { SluiceError, toSluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Serving } from '../flow/serving.ts'
import { writeAnswer, type Answer } from '../http/answer.ts'
import { closeAfter } from '../http/close-after.ts'
import type { NodeBindings } from '../http/listen.ts'
import { problemAnswer } from '../http/problem.ts'
import type { Logger } from '../telemetry/log.ts'
import { acceptRequest, isStored, type AcceptDeps } from './accept-request.ts'
import type { Arrival } from './arrival.ts'
import { handshakeAnswer } from './handshake.ts'
import { healthy, openInferenceNamespace, withErrorMember } from './open-inference.ts'
import { readHeaders } from './request-headers.ts'
import {
  cancelAnswer,
  eventsAnswer,
  requestReplyAnswer,
  statusAnswer,
  type RequestPath,
  type RequestRouteDeps
} from './request-routes.ts'
import { serveRequest } from './serve-request.ts'

export interface IngressDeps extends RequestRouteDeps, AcceptDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  /** Whether the caller may use the data plane, by its `Authorization`. */
  readonly authorized: (authorization: string | undefined) => boolean
  /** True while the gateway shuts down: nothing new is begun. */
  readonly closing: () => boolean
  readonly log: Logger
}

/** The data plane (DESIGN section 4), without a socket. */
export function createIngress(deps: IngressDeps): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  app.all('/:namespace/:pipeline', c =>
    answer(c, deps, arrival => servePipeline(arrival, c.req.param('namespace'), c.req.param('pipeline'), deps))
  )
  for (const [path, handle] of Object.entries(requestRoutes)) {
    app.all(`/:namespace/:pipeline/requests/:id${path}`, c => {
      const pipeline = `${c.req.param('namespace')}/${c.req.param('pipeline')}`
      return answer(c, deps, arrival => handle(arrival, { pipeline, id: c.req.param('id') }, deps))
    })
  }
  serveOpenInference(app, deps)
  app.notFound(c => answer(c, deps, notFound))
  return app
}

/** `/v2/…`: the same pipelines by the Open Inference Protocol. */
function serveOpenInference(app: Hono<NodeBindings>, deps: IngressDeps): void {
  const namespace = openInferenceNamespace
  app.get('/v2/health/live', c => answer(c, deps, healthy))
  app.get('/v2/health/ready', c => answer(c, deps, healthy))
  app.get('/v2/models/:pipeline/ready', c =>
    answer(c, deps, () => {
      findServing(namespace, c.req.param('pipeline'), deps).checkReady()
      return healthy()
    })
  )
  app.post('/v2/models/:pipeline/infer', c =>
    answer(c, deps, arrival => servePipeline(arrival, namespace, c.req.param('pipeline'), deps), withErrorMember)
  )
}

type RequestHandler = (arrival: Arrival, path: RequestPath, deps: IngressDeps) => Promise<Answer | undefined>

/** What can be asked of a stored request, by what follows its id in the path. */
const requestRoutes: Readonly<Record<string, RequestHandler>> = {
  '': byMethod({
    GET: statusAnswer,
    DELETE: (_arrival, path, deps) => cancelAnswer(path, deps)
  }),
  '/reply': byMethod({ GET: requestReplyAnswer }),
  '/events': byMethod({ GET: eventsAnswer })
}

function byMethod(handlers: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const allow = Object.keys(handlers).join(', ')
  return (arrival, path, deps) => {
    const handler = handlers[arrival.incoming.method ?? '']
    if (handler === undefined) {
      throw new SluiceError('METHOD_NOT_ALLOWED', `a request is reached by ${allow}`, { facts: { allow } })
    }
    return handler(arrival, path, deps)
  }
}

/** Runs a handler for the request and writes what it answers, or the problem that it throws. */
async function answer(
  c: Context<NodeBindings>,
  deps: IngressDeps,
  handle: (arrival: Arrival) => Answer | Promise<Answer | undefined>,
  finish: (answer: Answer) => Answer = unchanged
): Promise<Response> {
  const { incoming, outgoing } = c.env
  const id = createRequestId()
  const path = c.req.path
  let answered: Answer | undefined
  try {
    const headers = readHeaders(incoming.rawHeaders)
    authorize(headers.get('authorization'), deps)
    answered = await handle({ id, path, headers, incoming, outgoing, at: performance.now() })
  } catch (thrown) {
    const error = toSluiceError(thrown)
    if (error.code === 'INTERNAL') deps.log.error({ requestId: id, err: thrown }, 'a request met a defect')
    answered = problemAnswer(error, { instance: path, requestId: id })
    if (error.code === 'BODY_TOO_LARGE') closeAfter(incoming, outgoing)
  }
  if (answered !== undefined) {
    const finished = finish(answered)
    writeAnswer(outgoing, { ...finished, headers: [...finished.headers, 'sluice-request-id', id] })
  }
  return RESPONSE_ALREADY_SENT
}

const unchanged = (answer: Answer): Answer => answer

function authorize(authorization: string | undefined, { authorized, closing }: IngressDeps): void {
  if (closing()) throw new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down; another replica may serve this')
  if (authorized(authorization)) return
  throw new SluiceError('UNAUTHENTICATED', 'send the token of this gateway as "Authorization: Bearer TOKEN"')
}

function servePipeline(
  arrival: Arrival,
  namespace: string,
  name: string,
  deps: IngressDeps
): Answer | Promise<Answer | undefined> {
  const serving = findServing(namespace, name, deps)
  switch (arrival.incoming.method) {
    case 'POST':
      return isStored(arrival, serving.plan)
        ? acceptRequest(arrival, serving, deps)
        : serveRequest(arrival, serving, deps)
    case 'OPTIONS':
      return handshakeAnswer(arrival.headers)
    default:
      throw new SluiceError('METHOD_NOT_ALLOWED', 'a pipeline is called by POST', { facts: { allow: 'POST, OPTIONS' } })
  }
}

function findServing(namespace: string, name: string, { find }: IngressDeps): Serving {
  const serving = find(namespace, name)
  if (serving !== undefined) return serving
  throw new SluiceError('PIPELINE_NOT_FOUND', `there is no pipeline "${name}" in the namespace "${namespace}"`)
}

function notFound(): never {
  throw new SluiceError('PIPELINE_NOT_FOUND', 'pipelines are called by POST /{namespace}/{pipeline}')
}
