import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono, type Context, type HonoRequest } from 'hono'
import { SluiceError, toSluiceError } from '../errors.ts'
import { jsonAnswer, textAnswer, writeAnswer, type Answer } from '../http/answer.ts'
import type { NodeBindings } from '../http/listen.ts'
import { problemAnswer } from '../http/problem.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { isForeignOrigin } from './foreign-origin.ts'
import { healthAnswer, type HealthCheck } from './health.ts'
import { isLoopbackHost } from './loopback-host.ts'

export interface AdminDeps {
  /** What `/readyz` reports, in order. */
  readonly checks: readonly HealthCheck[]
  /** In the text format of Prometheus. */
  readonly metrics: () => string | Promise<string>
  readonly authorized: (authorization: string | undefined) => boolean
  /** True when the plane is bound to loopback: then only a loopback `Host` is served, against DNS rebinding. */
  readonly loopbackOnly: boolean
}

/** The admin plane (DESIGN section 10), without a socket: probes and metrics, and whatever else it is given. */
export function createAdmin(deps: AdminDeps, routes: readonly AdminRoute[]): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  app.use(async (c, next) => {
    const refused = refusal(c.req, deps)
    if (refused === undefined) return next()
    return answer(c, () => {
      throw refused
    })
  })
  const byPath = Map.groupBy([...ownRoutes(deps), ...routes], ({ path }) => path)
  // A path as it stands wins over one with parameters, in whatever order they come.
  const paths = [...byPath].sort(([a], [b]) => parameterCount(a) - parameterCount(b))
  for (const [path, ofPath] of paths) addRoutes(app, path, ofPath)
  app.notFound(c => answer(c, () => jsonAnswer(404, { title: 'There is nothing here', status: 404 })))
  return app
}

const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

const ownRoutes = ({ checks, metrics }: AdminDeps): readonly AdminRoute[] => [
  { method: 'GET', path: '/livez', handle: () => textAnswer(200, 'ok\n') },
  { method: 'GET', path: '/readyz', handle: ({ query }) => healthAnswer(checks, query.has('verbose')) },
  {
    method: 'GET',
    path: '/metrics',
    handle: async () => ({ status: 200, headers: ['content-type', expositionType], body: Buffer.from(await metrics()) })
  }
]

const parameterCount = (path: string): number => path.split(':').length - 1

/** A path with all its methods, and the refusal of any other. */
function addRoutes(app: Hono<NodeBindings>, path: string, routes: readonly AdminRoute[]): void {
  for (const { method, handle } of routes) {
    app.on(method, path, c => answer(c, () => handle(requestOf(c))))
  }
  app.all(path, c => answer(c, () => refuseMethod(routes.map(({ method }) => method))))
}

const requestOf = ({ req }: Context<NodeBindings>): AdminRequest => ({
  param: name => req.param(name) ?? '',
  query: new URL(req.url).searchParams
})

async function answer(c: Context<NodeBindings>, handle: () => Answer | Promise<Answer>): Promise<Response> {
  let answered: Answer
  try {
    answered = await handle()
  } catch (thrown) {
    answered = problemAnswer(toSluiceError(thrown), { instance: c.req.path })
  }
  writeAnswer(c.env.outgoing, answered)
  return RESPONSE_ALREADY_SENT
}

function refuseMethod(allowed: readonly string[]): never {
  const allow = allowed.join(', ')
  throw new SluiceError('METHOD_NOT_ALLOWED', `this path takes ${allow}`, { facts: { allow } })
}

/** Probes come without a token: they tell nothing that is worth one. */
const open = new Set(['/livez', '/readyz'])

function refusal(request: HonoRequest, { authorized, loopbackOnly }: AdminDeps): SluiceError | undefined {
  const host = request.header('host')
  if (loopbackOnly && !isLoopbackHost(host)) {
    return new SluiceError('FORBIDDEN', 'the admin plane answers to localhost only')
  }
  if (isForeignOrigin(request.header('origin'), host)) {
    return new SluiceError('FORBIDDEN', 'the admin plane does not answer to the pages of other sites')
  }
  if (open.has(request.path) || authorized(request.header('authorization'))) return undefined
  return new SluiceError('UNAUTHENTICATED', 'send the admin token as "Authorization: Bearer TOKEN"')
}
