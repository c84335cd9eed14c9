import type { ServerResponse } from 'node:http'
import { Hono, type Context, type HonoRequest } from 'hono'
import { SluiceError, toSluiceError } from '../errors.ts'
import { textAnswer, writeAnswer } from '../http/answer.ts'
import type { BodyMemory } from '../event/body-memory.ts'
import type { NodeBindings } from '../http/listen.ts'
import { isLoopbackHost } from '../http/loopback-host.ts'
import { problemAnswer } from '../http/problem.ts'
import { streamAnswer } from '../http/stream-answer.ts'
import { alreadyAnswered } from '../http/route-request.ts'
import { expositionType } from '../telemetry/exposition.ts'
import type { Logger } from '../telemetry/log.ts'
import { isTurnedAway, type Refused } from '../telemetry/refusals.ts'
import type { AdminAnswer, AdminRoute } from './admin-route.ts'
import { adminRequest, createAdminMemory } from './admin-request.ts'
import { isForeignOrigin } from './foreign-origin.ts'
import { healthAnswer, type HealthCheck } from './health.ts'

export interface AdminDeps {
  /** The checks that `/readyz` reports, in order. */
  readonly checks: readonly HealthCheck[]
  /** Lines that `/readyz?verbose` adds. */
  readonly notes: () => readonly string[]
  /** The exposition of all metrics, in pieces. */
  readonly metrics: () => Iterable<string> | Promise<Iterable<string>>
  readonly log: Logger
  readonly authorized: (authorization: string | undefined) => boolean
  readonly turnedAway: Refused
  /** True when the plane is bound to loopback: then only a loopback `Host` is served, against DNS rebinding. */
  readonly loopbackOnly: boolean
}

/** The admin plane, without a socket: probes and metrics, and whatever else it is given. */
export function createAdmin(deps: AdminDeps, routes: readonly AdminRoute[]): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  const answer = createAnswer(deps)
  const byPath = Map.groupBy([...ownRoutes(deps), ...routes], ({ path }) => path)
  // A path as it stands wins over one with parameters, in whatever order they come.
  const paths = [...byPath].sort(([a], [b]) => parameterCount(a) - parameterCount(b))
  const memory = createAdminMemory()
  for (const [path, ofPath] of paths) addRoutes(app, path, ofPath, { answer, memory })
  app.notFound(c => answer(c, refusePath))
  return app
}

const ownRoutes = ({ checks, notes, metrics }: AdminDeps): readonly AdminRoute[] => [
  { method: 'GET', path: '/livez', handle: () => textAnswer(200, 'ok\n') },
  { method: 'GET', path: '/readyz', handle: ({ query }) => healthAnswer(checks, notes(), query.has('verbose')) },
  {
    method: 'GET',
    path: '/metrics',
    handle: async () => ({ status: 200, headers: ['content-type', expositionType], chunks: await metrics() })
  }
]

const parameterCount = (path: string): number => path.split(':').length - 1

/** A path with all its methods, and the refusal of any other. */
function addRoutes(
  app: Hono<NodeBindings>,
  path: string,
  routes: readonly AdminRoute[],
  { answer, memory }: { readonly answer: AnswerCall; readonly memory: BodyMemory }
): void {
  for (const { method, handle } of routes) {
    app.on(method, path, c => answer(c, () => handle(adminRequest(c, memory))))
  }
  app.all(path, c => answer(c, () => refuseMethod(routes.map(({ method }) => method))))
}

type AnswerCall = (c: Context<NodeBindings>, handle: () => ReturnType<AdminRoute['handle']>) => Promise<Response>

/** Writes what the handler answers, or the problem that it throws; a defect is logged with its cause. */
const createAnswer =
  (deps: AdminDeps): AnswerCall =>
  async ({ req, env }, handle) => {
    const { turnedAway, log } = deps
    try {
      const refused = refusal(req, deps)
      if (refused !== undefined) throw refused
      await write(env.outgoing, await handle())
    } catch (thrown) {
      const error = toSluiceError(thrown)
      const { method, path } = req
      if (error.code === 'INTERNAL') log.error({ method, path, err: thrown }, 'a call of the admin plane met a defect')
      if (isTurnedAway(error.code)) turnedAway(error.code, env.incoming.socket.remoteAddress)
      writeAnswer(env.outgoing, problemAnswer(error, { instance: path }))
    }
    return alreadyAnswered
  }

async function write(outgoing: ServerResponse, answer: AdminAnswer): Promise<void> {
  if ('chunks' in answer) await streamAnswer(outgoing, answer)
  else writeAnswer(outgoing, answer)
}

function refuseMethod(allowed: readonly string[]): never {
  const allow = allowed.join(', ')
  throw new SluiceError('METHOD_NOT_ALLOWED', `this path takes ${allow}`, { facts: { allow } })
}

function refusePath(): never {
  throw new SluiceError('NOT_FOUND', 'the admin plane knows no such path')
}

/** Probes come without a token: they tell nothing that is worth one. */
const open = new Set(['/livez', '/readyz'])

function refusal(request: HonoRequest, { authorized, loopbackOnly }: AdminDeps): SluiceError | undefined {
  const host = request.header('host')
  // Only HTTP/1.0 has no Host, which no browser speaks: there is no name that could lead here.
  if (loopbackOnly && host !== undefined && !isLoopbackHost(host)) {
    return new SluiceError('FORBIDDEN', 'the admin plane answers to localhost only')
  }
  const origin = request.header('origin')
  const fetchSite = request.header('sec-fetch-site')
  const fetchMode = request.header('sec-fetch-mode')
  if (isForeignOrigin({ host, origin, fetchSite, fetchMode })) {
    return new SluiceError('FORBIDDEN', 'the admin plane does not answer to the pages of other sites')
  }
  if (open.has(request.path) || authorized(request.header('authorization'))) return undefined
  return new SluiceError('UNAUTHENTICATED', 'send the admin token as "Authorization: Bearer TOKEN"')
}
