import { createAdmin } from './admin/admin.ts'
import { isLoopbackHost } from './admin/loopback-host.ts'
import type { GatewayConfig } from './config.ts'
import { loadPlans } from './control/load-plans.ts'
import { processesOf } from './control/processes-of.ts'
import { Registry } from './control/registry.ts'
import { createBreakers } from './delivery/breakers.ts'
import { createDeadLetterSink } from './delivery/dead-letter-sink.ts'
import { createEgressCheck } from './delivery/egress.ts'
import { createOrigins } from './delivery/origins.ts'
import { createBearerCheck } from './http/bearer.ts'
import { listen } from './http/listen.ts'
import { createIngress } from './ingress/ingress.ts'
import { createRunner, type Runner } from './runner/runner.ts'
import { createTracer } from './telemetry/create-tracer.ts'
import { createLogger, type Logger } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
}

/** From TERM to KILL of local step processes, in milliseconds. */
const processStopGraceMs = 5_000

/**
 * Wires everything and serves. Resolves when local step processes are ready, or failed to be: those are named in the
 * log, and the other pipelines are served. Throws DefinitionError, or what listening throws (EADDRINUSE).
 */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  await using opened = new AsyncDisposableStack()
  const log = createLogger(config.logLevel)
  const plans = await loadPlans(config.files, config.resolve)
  const tracer = opened.use(await createTracer(config.tracing))
  const origins = opened.use(createOrigins(createEgressCheck(config.egress)))
  const breakers = opened.use(createBreakers())
  const metrics = opened.use(createMetrics({ breakers: () => breakers.list(), retryBudgets: () => origins.budgets() }))
  const runner = opened.use(createStepRunner(config, log))
  const deadLetters = opened.use(createDeadLetterSink(log))
  const registry = new Registry({ origins, breakers, locateProcess: runner.locate, deadLetters, metrics })
  for (const plan of plans) registry.put(plan)

  const state = { started: false, closing: false }
  const admin = createAdmin({
    checks: [
      { name: 'started', fault: () => (state.started ? undefined : 'local step processes are starting') },
      { name: 'serving', fault: () => (state.closing ? 'the gateway is shutting down' : undefined) }
    ],
    metrics,
    authorized: authorization(config.adminToken),
    loopbackOnly: isLoopbackHost(config.adminHost)
  })
  const adminListener = opened.use(await listen(admin, listenOptions(config.adminHost, config.adminPort, 0)))
  const ingress = createIngress({
    find: (namespace, name) => registry.find(namespace, name),
    authorized: authorization(config.authToken),
    closing: () => state.closing,
    tracer,
    log
  })
  const listener = opened.use(await listen(ingress, listenOptions(config.host, config.port, config.shutdownGraceMs)))
  opened.defer(() => {
    state.closing = true
  })

  runner.apply(plans.flatMap(processesOf))
  await tellUnready(runner, log)
  state.started = true
  const owned = opened.move()
  return { url: listener.url, adminUrl: adminListener.url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const listenOptions = (host: string, port: number, graceMs: number) => ({ host, port, graceMs })

const createStepRunner = ({ processEnv }: GatewayConfig, log: Logger): Runner =>
  createRunner({
    log,
    write: line => process.stderr.write(`${line}\n`),
    env: processEnv,
    stopGraceMs: processStopGraceMs
  })

/** Without a token a plane is open. */
function authorization(token: string | undefined): (authorization: string | undefined) => boolean {
  return token === undefined ? () => true : createBearerCheck(token)
}

async function tellUnready(runner: Runner, log: Logger): Promise<void> {
  for (const { key, reason } of await runner.settled()) {
    log.error(
      { process: key, reason },
      'a step process is not ready; its pipeline answers PIPELINE_NOT_READY until it is'
    )
  }
}
