import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono, type Context } from 'hono'
import { SluiceError, toSluiceError } from '../errors.ts'
import { jsonAnswer, textAnswer, writeAnswer, type Answer } from '../http/answer.ts'
import type { NodeBindings } from '../http/listen.ts'
import { problemAnswer } from '../http/problem.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { isLoopbackHost } from './loopback-host.ts'
import { healthAnswer, type HealthCheck } from './health.ts'

export interface AdminDeps {
  /** What `/readyz` reports, in order. */
  readonly checks: readonly HealthCheck[]
  readonly metrics: Metrics
  readonly authorized: (authorization: string | undefined) => boolean
  /** True when the plane is bound to loopback: then only a loopback `Host` is served, against DNS rebinding. */
  readonly loopbackOnly: boolean
}

/** The admin plane (DESIGN section 10), without a socket. */
export function createAdmin(deps: AdminDeps): Hono<NodeBindings> {
  const app = new Hono<NodeBindings>()
  const get = (path: string, handle: (c: Context<NodeBindings>) => Answer | Promise<Answer>): void => {
    app.get(path, c => answer(c, () => handle(c)))
    app.all(path, c => answer(c, () => refuseMethod()))
  }
  app.use(async (c, next) => {
    const refused = refusal(c.req.header('host'), c.req.header('authorization'), c.req.path, deps)
    if (refused === undefined) return next()
    return answer(c, () => {
      throw refused
    })
  })
  get('/livez', () => textAnswer(200, 'ok\n'))
  get('/readyz', c => healthAnswer(deps.checks, c.req.query('verbose') !== undefined))
  get('/metrics', () => ({
    status: 200,
    headers: ['content-type', deps.metrics.contentType],
    body: Buffer.from(deps.metrics.text())
  }))
  app.notFound(c => answer(c, () => jsonAnswer(404, { title: 'There is nothing here', status: 404 })))
  return app
}

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

function refuseMethod(): never {
  throw new SluiceError('METHOD_NOT_ALLOWED', 'this is read by GET', { facts: { allow: 'GET' } })
}

/** Probes come without a token: they tell nothing that is worth one. */
const open = new Set(['/livez', '/readyz'])

function refusal(
  host: string | undefined,
  authorization: string | undefined,
  path: string,
  { authorized, loopbackOnly }: AdminDeps
): SluiceError | undefined {
  if (loopbackOnly && !isLoopbackHost(host)) {
    return new SluiceError('FORBIDDEN', 'the admin plane answers to localhost only')
  }
  if (open.has(path) || authorized(authorization)) return undefined
  return new SluiceError('UNAUTHENTICATED', 'send the admin token as "Authorization: Bearer TOKEN"')
}
