import { createAdmin } from '../../src/admin/admin.ts'
import type { AdminRoute } from '../../src/admin/admin-route.ts'
import { breakerRoutes } from '../../src/admin/breaker-routes.ts'
import { deadLetterRoutes } from '../../src/admin/dead-letter-routes.ts'
import { replayRoutes } from '../../src/admin/replay-routes.ts'
import { requestRoutes } from '../../src/admin/request-routes.ts'
import { createBearerCheck } from '../../src/http/bearer.ts'
import { listen } from '../../src/http/listen.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { startReplays } from '../../src/replay/replays.ts'
import type { Logger } from '../../src/telemetry/log.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { replaysDeps } from '../replay/replays-under-test.ts'

export interface AdminUnderTest extends AsyncDisposable {
  readonly url: string
  readonly ledger: Ledger
  readonly metrics: Metrics
  call(path: string, init?: RequestInit): Promise<AdminAnswer>
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: Headers
  /** Parsed, if it is JSON; it is what the test says it is. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export interface AdminOptions {
  readonly token?: string
  readonly log?: Logger
  /** Beside those of the gateway. */
  readonly routes?: readonly AdminRoute[]
  readonly breakers?: readonly { readonly destination: string; readonly state: string }[]
}

/** The admin plane on a free port, over a ledger in memory; it serves `default/comments` of two steps. */
export async function startAdmin({
  token,
  breakers = [],
  log = silentLog,
  routes = []
}: AdminOptions = {}): Promise<AdminUnderTest> {
  await using opened = new AsyncDisposableStack()
  const ledger = opened.use(await openSqliteLedger({ path: ':memory:' }))
  const deps = replaysDeps(ledger)
  const replays = opened.use(startReplays(deps))
  const metrics = opened.use(
    createMetrics({
      breakers: () => [],
      retryBudgets: () => [],
      waitingCalls: () => [],
      heldCalls: () => [],
      serviceCalls: () => []
    })
  )
  const authorized = token === undefined ? () => true : createBearerCheck(token)
  const open = () => Promise.resolve(ledger)
  const own = { checks: [], notes: () => [], metrics: () => metrics.chunks(), log }
  const admin = createAdmin({ ...own, authorized, turnedAway: () => {}, loopbackOnly: true }, [
    ...requestRoutes({
      records: open,
      servedOf: pipeline => deps.servedOf(pipeline),
      holdOf: () => undefined,
      inFlight: () => new Map()
    }),
    ...deadLetterRoutes({ deadLetters: () => Promise.resolve(ledger.deadLetters) }),
    ...replayRoutes({ replays: () => Promise.resolve(replays) }),
    ...breakerRoutes({ breakers: () => breakers }),
    ...routes
  ])
  const { url } = opened.use(await listen(admin, { host: '127.0.0.1', port: 0, graceMs: 1_000 }))
  const owned = opened.move()
  return {
    url,
    ledger,
    metrics,
    call: (path, init) => call(url + path, init),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function call(url: string, init: RequestInit = {}): Promise<AdminAnswer> {
  const answer = await fetch(url, init)
  const { status, headers } = answer
  const text = await answer.text()
  return { status, headers, body: headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text }
}
