import { Hono } from 'hono'
import { SluiceError } from '../errors.ts'
import type { Serving } from '../flow/serving.ts'
import type { Answer } from '../http/answer.ts'
import type { NodeBindings } from '../http/listen.ts'
import { acceptRequest, isStored, type AcceptDeps } from './accept-request.ts'
import { defaults } from '../pipeline/defaults.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Arrival } from './arrival.ts'
import { handshakeAnswer } from './handshake.ts'
import { checkHops } from './hops.ts'
import { listPipelines } from './list-pipelines.ts'
import { healthy, openInferenceNamespace, withErrorMember } from './open-inference.ts'
import {
  cancelAnswer,
  eventsAnswer,
  requestReplyAnswer,
  statusAnswer,
  type RequestPath,
  type RequestRouteDeps
} from './request-routes.ts'
import { respond, type RespondDeps } from './respond.ts'
import { unknownPipeline } from './unknown-pipeline.ts'
import { serveRequest } from './serve-request.ts'

export interface IngressDeps extends RespondDeps, RequestRouteDeps, AcceptDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  /** Everything that is served. */
  readonly served: () => readonly Plan[]
}

/** The data plane, without a socket. */
export function createIngress(deps: IngressDeps): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  app.all('/:namespace/:pipeline', c =>
    respond(c, deps, arrival => servePipeline(arrival, c.req.param('namespace'), c.req.param('pipeline'), deps))
  )
  // Routes whose patterns overlap cost a slower router, which the one route of every request shall not pay for.
  const others = createOtherRoutes(deps)
  app.notFound(c => others.fetch(c.req.raw, c.env))
  return app
}

/** Everything but `POST /{namespace}/{pipeline}`. */
function createOtherRoutes(deps: IngressDeps): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  for (const [path, handle] of Object.entries(requestRoutes)) {
    app.all(`/:namespace/:pipeline/requests/:id${path}`, c => {
      const pipeline = `${c.req.param('namespace')}/${c.req.param('pipeline')}`
      return respond(c, deps, arrival => handle(arrival, { pipeline, id: c.req.param('id') }, deps))
    })
  }
  app.get('/', c => respond(c, deps, arrival => listPipelines(arrival, deps.served())))
  serveOpenInference(app, deps)
  app.notFound(c => respond(c, deps, () => notFound(c.req.path, deps)))
  return app
}

/** `/v2/…`: the same pipelines by the Open Inference Protocol. */
function serveOpenInference(app: Hono<NodeBindings>, deps: IngressDeps): void {
  const namespace = openInferenceNamespace
  // Probes come without a token: they tell nothing that is worth one.
  const open = { ...deps, authorized: () => true }
  app.get('/v2/health/live', c => respond(c, open, healthy))
  app.get('/v2/health/ready', c => respond(c, open, healthy))
  app.get('/v2/models/:pipeline/ready', c =>
    respond(c, deps, () => {
      findServing(namespace, c.req.param('pipeline'), deps).checkReady()
      return healthy()
    })
  )
  app.post('/v2/models/:pipeline/infer', c =>
    respond(c, deps, arrival => servePipeline(arrival, namespace, c.req.param('pipeline'), deps), withErrorMember)
  )
}

type RequestHandler = (arrival: Arrival, path: RequestPath, deps: IngressDeps) => Promise<Answer | undefined>

/** The resources of a stored request, by the text that follows its id in the path. */
const requestRoutes: Readonly<Record<string, RequestHandler>> = {
  '': byMethod({
    GET: statusAnswer,
    DELETE: cancelAnswer
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

function servePipeline(
  arrival: Arrival,
  namespace: string,
  name: string,
  deps: IngressDeps
): Answer | Promise<Answer | undefined> {
  const serving = findServing(namespace, name, deps)
  switch (arrival.incoming.method) {
    case 'POST':
      checkHops(arrival.headers)
      return isStored(arrival, serving.plan)
        ? acceptRequest(arrival, serving, deps)
        : serveRequest(arrival, serving, deps)
    case 'OPTIONS':
      return handshakeAnswer(arrival.headers)
    default:
      throw new SluiceError('METHOD_NOT_ALLOWED', 'a pipeline is called by POST', { facts: { allow: 'POST, OPTIONS' } })
  }
}

function findServing(namespace: string, name: string, { find, served }: IngressDeps): Serving {
  const serving = find(namespace, name)
  if (serving === undefined) throw unknownPipeline(namespace, name, served())
  return serving
}

/** A caller who leaves the namespace out is told the path that was meant. */
function notFound(path: string, { find }: IngressDeps): never {
  const [, name = '', ...more] = path.split('/')
  const meant = more.length === 0 && find(defaults.namespace, name) !== undefined
  const advice = meant ? `did you mean /${defaults.namespace}/${name}?` : 'GET / lists what is served here'
  throw new SluiceError('PIPELINE_NOT_FOUND', `pipelines are called by POST /{namespace}/{pipeline}; ${advice}`)
}
