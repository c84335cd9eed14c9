import { Hono, type Context } from 'hono'
import { everybody } from '../access/identify.ts'
import { mayCall } from '../access/may-call.ts'
import { SluiceError } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import type { NodeBindings } from '../http/listen.ts'
import { defaults } from '../pipeline/defaults.ts'
import type { Arrival } from './arrival.ts'
import type { IngressDeps } from './ingress-deps.ts'
import { listPipelines } from './list-pipelines.ts'
import { healthy, openInferenceNamespace, withErrorMember } from './open-inference.ts'
import { openApiAnswer } from './openapi.ts'
import { cancelAnswer, eventsAnswer, requestReplyAnswer, statusAnswer, type RequestPath } from './request-routes.ts'
import { respond, type Asked } from './respond.ts'
import { checkCaller, findServing, seenBy, servePipeline } from './serve-pipeline.ts'

/** All routes of the data plane. */
export function createRoutes(deps: IngressDeps): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  app.all('/:namespace/:pipeline', c =>
    respond(asked(c), deps, arrival => servePipeline(arrival, c.req.param('namespace'), c.req.param('pipeline'), deps))
  )
  for (const [path, handle] of Object.entries(requestRoutes)) {
    app.all(`/:namespace/:pipeline/requests/:id${path}`, c => {
      const pipeline = `${c.req.param('namespace')}/${c.req.param('pipeline')}`
      return respond(asked(c), deps, arrival =>
        handleRequest(handle, arrival, { pipeline, id: c.req.param('id') }, deps)
      )
    })
  }
  app.get('/', c => respond(asked(c), deps, arrival => listPipelines(arrival, seenBy(arrival, deps))))
  app.get('/openapi.json', c => respond(asked(c), deps, async arrival => openApiAnswer(seenBy(arrival, deps))))
  serveOpenInference(app, deps)
  app.notFound(c => respond(asked(c), deps, arrival => notFound(c.req.path, arrival, deps)))
  return app
}

const asked = ({ req, env: { incoming, outgoing } }: Context<NodeBindings>): Asked => {
  const name = req.param('pipeline')
  const pipeline = name && `${req.param('namespace') ?? openInferenceNamespace}/${name}`
  return { incoming, outgoing, path: req.path, pipeline }
}

/** `/v2/…`: the same pipelines by the Open Inference Protocol. */
function serveOpenInference(app: Hono<NodeBindings>, deps: IngressDeps): void {
  const namespace = openInferenceNamespace
  // Probes come without a token: they tell nothing that is worth one.
  const open = { ...deps, identify: everybody }
  app.get('/v2/health/live', c => respond(asked(c), open, healthy))
  app.get('/v2/health/ready', c => respond(asked(c), open, healthy))
  app.get('/v2/models/:pipeline/ready', c =>
    respond(asked(c), deps, arrival => {
      findServing(arrival, namespace, c.req.param('pipeline'), deps).checkReady()
      return healthy()
    })
  )
  app.post('/v2/models/:pipeline/infer', c =>
    respond(
      asked(c),
      deps,
      arrival => servePipeline(arrival, namespace, c.req.param('pipeline'), deps),
      withErrorMember
    )
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
