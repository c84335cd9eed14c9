import { breakerRoutes } from './admin/breaker-routes.ts'
import { deadLetterRoutes } from './admin/dead-letter-routes.ts'
import { replayRoutes } from './admin/replay-routes.ts'
import { requestRoutes } from './admin/request-routes.ts'
import { createAdmin } from './admin/admin.ts'
import { isLoopbackHost } from './admin/loopback-host.ts'
import { existsSync } from 'node:fs'
import { defaultStore, type GatewayConfig } from './config.ts'
import { Grace } from './control/grace.ts'
import { loadPlans } from './control/load-plans.ts'
import { processesOf } from './control/processes-of.ts'
import { Registry } from './control/registry.ts'
import { createBreakers, type Breakers } from './delivery/breakers.ts'
import { createDeadLetterSink } from './delivery/dead-letter-sink.ts'
import { createEgressCheck } from './delivery/egress.ts'
import { createOrigins } from './delivery/origins.ts'
import { SluiceError } from './errors.ts'
import { createRequestId } from './event/request-id.ts'
import { createBearerCheck } from './http/bearer.ts'
import { listen } from './http/listen.ts'
import { createIngress } from './ingress/ingress.ts'
import { isDurable } from './ledger/is-durable.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { watchStore } from './mover/store-gauges.ts'
import { Store } from './mover/stored-requests.ts'
import type { Plan } from './pipeline/plan.ts'
import { createRunner, type Runner } from './runner/runner.ts'
import { createTracer } from './telemetry/create-tracer.ts'
import { createLogger, type Logger } from './telemetry/log.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import type { Tracer } from './telemetry/tracing.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
  /** What the store guarantees, in one line. */
  readonly store: string
}

/** No settings, since all gateways on a store go by the same; tests have less time. */
interface Timing {
  /** Claims last this long, in milliseconds, and are renewed while their owner lives. */
  readonly leaseMs?: number
}

/** From TERM to KILL of local step processes, in milliseconds. */
const processStopGraceMs = 5_000

/**
 * Wires everything and serves. Resolves when local step processes are ready, or failed to be: those are named in the
 * log, and the other pipelines are served. Throws DefinitionError, or what listening throws (EADDRINUSE).
 */
export async function startGateway(config: GatewayConfig, { leaseMs = 10_000 }: Timing = {}): Promise<Gateway> {
  await using opened = new AsyncDisposableStack()
  const log = createLogger(config.logLevel)
  const plans = await loadPlans(config.files, config.resolve)
  const tracer = opened.use(await createTracer(config.tracing))
  const origins = opened.use(createOrigins(createEgressCheck(config.egress)))
  const breakers = opened.use(createBreakers())
  const metrics = opened.use(createMetrics({ breakers: () => breakers.list(), retryBudgets: () => origins.budgets() }))
  const grace = new Grace(config.shutdownGraceMs)
  const runner = opened.use(createStepRunner(config, log))
  const deadLetters = opened.use(createDeadLetterSink(log, grace.leftMs))
  const registry = new Registry({ origins, breakers, locateProcess: runner.locate, deadLetters, metrics })
  for (const plan of plans) registry.put(plan)

  const state = { started: false, closing: false }
  const store = createStore(config, { registry, tracer, log, leaseMs, graceLeftMs: grace.leftMs })
  const admin = createAdminPlane(config, { store, breakers, metrics, stepsOf: registry.stepsOf, state })
  const adminListener = opened.use(await listen(admin, listenOptions(config.adminHost, config.adminPort, 0)))
  // Closed before the admin plane, which tells of a gateway that drains that it lives and is not ready.
  opened.use(store)
  opened.use(
    watchStore({ opened: () => store.opened, pipelines: () => store.opened?.mover.pipelines ?? [], metrics, log })
  )
  const storeName = await openStoreNow(config, plans, store, log)
  const ingress = createIngress({
    find: (namespace, name) => registry.find(namespace, name),
    store: () => store.use(),
    stepsOf: registry.stepsOf,
    authorized: authorization(config.authToken),
    closing: () => state.closing,
    tracer,
    log
  })
  const listener = opened.use(await listen(ingress, listenOptions(config.host, config.port, config.shutdownGraceMs)))
  opened.defer(() => {
    state.closing = true
    grace.begin()
  })

  runner.apply(plans.flatMap(processesOf))
  await tellUnready(runner, log)
  state.started = true
  const owned = opened.move()
  return {
    url: listener.url,
    adminUrl: adminListener.url,
    store: storeName,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

interface AdminPlane {
  readonly store: Store
  readonly breakers: Breakers
  readonly metrics: Metrics
  readonly stepsOf: (pipeline: string) => readonly string[]
  readonly state: { readonly started: boolean; readonly closing: boolean }
}

function createAdminPlane(config: GatewayConfig, { store, breakers, metrics, stepsOf, state }: AdminPlane) {
  const ledger = async () => (await store.use()).ledger
  const routes = [
    ...requestRoutes({ ledger, stepsOf }),
    ...deadLetterRoutes({ ledger }),
    ...replayRoutes({ replays: async () => (await store.use()).replays }),
    ...breakerRoutes({ breakers: () => breakers.list() })
  ]
  const checks = [
    { name: 'started', fault: () => (state.started ? undefined : 'local step processes are starting') },
    { name: 'serving', fault: () => (state.closing ? 'the gateway is shutting down' : undefined) }
  ]
  const authorized = authorization(config.adminToken)
  return createAdmin(
    { checks, metrics: () => metrics.text(), authorized, loopbackOnly: isLoopbackHost(config.adminHost) },
    routes
  )
}

const listenOptions = (host: string, port: number, graceMs: number) => ({ host, port, graceMs })

const createStepRunner = ({ processEnv }: GatewayConfig, log: Logger): Runner =>
  createRunner({
    log,
    write: line => process.stderr.write(`${line}\n`),
    env: processEnv,
    stopGraceMs: processStopGraceMs
  })

interface StoreParts {
  readonly registry: Registry
  readonly tracer: Tracer
  readonly log: Logger
  readonly leaseMs: number
  readonly graceLeftMs: () => number
}

const createStore = (config: GatewayConfig, { registry, ...parts }: StoreParts): Store =>
  new Store({
    ...parts,
    open: () => openLedger(config.store, parts.log),
    find: pipeline => registry.get(pipeline),
    owner: createRequestId()
  })

/**
 * Opens the store at start where somebody counts on it: it was named, or it holds something, or a pipeline stores
 * requests. The default one opens with the first stored request otherwise, so that several gateways can be tried out
 * in one folder.
 */
async function openStoreNow(
  { store: name, durability }: GatewayConfig,
  plans: readonly Plan[],
  store: Store,
  log: Logger
): Promise<string> {
  const stores = plans.some(({ reply, requests }) => reply !== undefined || requests.stored)
  const unused = name === defaultStore && !stores && durability !== 'strict' && !existsSync(pathOf(name))
  if (unused) return `${name}, opened when it is needed`
  const { ledger } = await store.use()
  const { summary, warnings } = ledger.durability
  for (const warning of warnings) log.warn({ store: summary }, warning)
  if (durability === 'strict' && !isDurable(ledger.durability)) {
    throw new SluiceError('STORE_UNAVAILABLE', `--durability strict: ${summary}; ${warnings.join('; ')}`)
  }
  return summary
}

const pathOf = (store: string): string => store.slice('sqlite:'.length)

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
