import { Hono } from 'hono'
import { checkAccess, mayCall } from '../access/may-call.ts'
import { everybody } from '../access/identify.ts'
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
import { openApiAnswer } from './openapi.ts'
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
  /** Whom the pipeline of a stored request let in that is not served any more. Rejects with STORE_UNAVAILABLE. */
  readonly formerAccess: (path: RequestPath) => Promise<Plan['access']>
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
      return respond(c, deps, arrival => handleRequest(handle, arrival, { pipeline, id: c.req.param('id') }, deps))
    })
  }
  app.get('/', c => respond(c, deps, arrival => listPipelines(arrival, seenBy(arrival, deps))))
  app.get('/openapi.json', c => respond(c, deps, async arrival => openApiAnswer(seenBy(arrival, deps))))
  serveOpenInference(app, deps)
  app.notFound(c => respond(c, deps, arrival => notFound(c.req.path, arrival, deps)))
  return app
}

/** `/v2/…`: the same pipelines by the Open Inference Protocol. */
function serveOpenInference(app: Hono<NodeBindings>, deps: IngressDeps): void {
  const namespace = openInferenceNamespace
  // Probes come without a token: they tell nothing that is worth one.
  const open = { ...deps, identify: everybody }
  app.get('/v2/health/live', c => respond(c, open, healthy))
  app.get('/v2/health/ready', c => respond(c, open, healthy))
  app.get('/v2/models/:pipeline/ready', c =>
    respond(c, deps, arrival => {
      findServing(arrival, namespace, c.req.param('pipeline'), deps).checkReady()
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
  const serving = findServing(arrival, namespace, name, deps)
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

/** The pipeline, which the caller may call. Throws PIPELINE_NOT_FOUND, UNAUTHENTICATED and FORBIDDEN. */
function findServing(arrival: Arrival, namespace: string, name: string, deps: IngressDeps): Serving {
  const serving = deps.find(namespace, name)
  // One that is being deleted is not there any more, and nobody calls one without an ingress.
  if (serving === undefined || serving.admission.gate === 'gone' || !serving.plan.serves) {
    throw unknownPipeline(namespace, name, seenBy(arrival, deps))
  }
  checkCaller(arrival, serving.plan.access)
  return serving
}

const checkCaller = ({ caller, headers }: Arrival, access: Plan['access']): void =>
  checkAccess(access, caller, headers.get('authorization'))

const seenBy = ({ caller }: Arrival, { served }: IngressDeps): readonly Plan[] =>
  served().filter(({ access, serves }) => serves && mayCall(access, caller))

/** A stored request belongs to the callers of its pipeline; of one that is not served, as it was when it was accepted. */
async function handleRequest(
  handle: RequestHandler,
  arrival: Arrival,
  path: RequestPath,
  deps: IngressDeps
): Promise<Answer | undefined> {
  const [namespace = '', name = ''] = path.pipeline.split('/')
  const serving = deps.find(namespace, name)
  checkCaller(arrival, serving === undefined ? await deps.formerAccess(path) : serving.plan.access)
  return handle(arrival, path, deps)
}

/** A caller who leaves the namespace out is told the path that was meant. */
function notFound(path: string, { caller }: Arrival, { find }: IngressDeps): never {
  const [, name = '', ...more] = path.split('/')
  const serving = more.length === 0 ? find(defaults.namespace, name) : undefined
  const meant = serving?.plan.serves === true && mayCall(serving.plan.access, caller)
  const advice = meant ? `did you mean /${defaults.namespace}/${name}?` : 'GET / lists what is served here'
  throw new SluiceError('PIPELINE_NOT_FOUND', `pipelines are called by POST /{namespace}/{pipeline}; ${advice}`)
}
