import { openLedger } from '../../src/ledger/open-ledger.ts'
import { silentLogger } from '../../src/telemetry/log.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { builtProgram } from '../programs/built-program.ts'
import { connect, sourcedText } from './sourced-gateway.ts'

export interface EntryKills {
  readonly entries: number
  readonly kills: number
  readonly tell?: (line: string) => void
}

export interface EntryVerdict {
  /** Entries whose effect is not at the sink. */
  readonly lost: number
  /** Effects that are there again. */
  readonly repeats: number
  /** Requests that were claimed when the gateway was killed, over all kills. */
  readonly inFlight: number
  /** Entries that were given to a consumer and never acknowledged. */
  readonly pending: number
  readonly seconds: number
}

const leaseMs = 1_000
/** Added in one round trip. */
const atOnce = 1_000

/** Entries of a stream go through a Pipeline to another stream, while the gateway is killed again and again. */
export async function killWhileEntriesPass({ entries, kills, tell = () => {} }: EntryKills): Promise<EntryVerdict> {
  await using redis = await startRedis()
  await using folder = await createTempFolder()
  await using client = connect(redis)
  const store = `sqlite:${folder.path}/kills.db`
  const stream = (name: string) => ({ url: redis.url, stream: name })
  const spec = {
    sources: [{ name: 'entries', redisStream: stream('in') }],
    steps: [{ transform: '{"n": data.n}' }],
    // A starved machine takes several kills for one delivery.
    limits: { maxDeliveries: 1_000 },
    sinks: [{ name: 'kept', redisStream: stream('out') }]
  }
  const file = await folder.write('kills.json', sourcedText(spec))
  await addEntries(client, entries)
  const startedAt = performance.now()
  let inFlight = 0
  for (let kill = 1; kill <= kills; kill++) {
    await using gateway = await start(file, store)
    const goal = Math.floor((entries * kill) / (kills + 1))
    await waitFor(async () => (await client.xlen('out')) >= goal, { what: `${goal} effects`, timeoutMs: 600_000 })
    gateway.kill('SIGKILL')
    await gateway.exit
    const claimed = await claimedIn(store)
    inFlight += claimed
    tell(`kill ${kill}: ${await client.xlen('out')} effects, ${claimed} in flight`)
  }
  await using last = new AsyncDisposableStack()
  last.use(await start(file, store))
  await waitFor(async () => (await distinct(client)).size === entries, {
    what: 'every entry',
    timeoutMs: 120_000
  }).catch(() => {})
  const effects = await distinct(client)
  const pending = await waitFor(async () => Number((await client.xpending('in', 'sluice.default.test'))[0]) === 0, {
    what: 'acknowledgements',
    timeoutMs: 60_000
  }).then(
    () => 0,
    () => 1
  )
  return {
    lost: entries - effects.size,
    repeats: (await client.xlen('out')) - effects.size,
    inFlight,
    pending,
    seconds: (performance.now() - startedAt) / 1000
  }
}

async function start(file: string, store: string): Promise<RunningProcess> {
  const program = await builtProgram('test/helpers/gateway-process.ts')
  const process = await startProcess(globalThis.process.execPath, [program, file, store, String(leaseMs), '1'])
  await process.waitForLine(/^ready on (\S+) \(admin (\S+)\)$/)
  return process
}

async function addEntries(client: ReturnType<typeof connect>, entries: number): Promise<void> {
  for (let first = 0; first < entries; first += atOnce) {
    const some = client.pipeline()
    for (let n = first; n < Math.min(entries, first + atOnce); n++) some.xadd('in', '*', 'data', JSON.stringify({ n }))
    await some.exec()
  }
}

/** Claims outlive their owner. */
async function claimedIn(store: string): Promise<number> {
  await using ledger = await openLedger(store, silentLogger(), 'default')
  return (await ledger.pending('default/test')).claimed
}

async function distinct(client: ReturnType<typeof connect>): Promise<ReadonlySet<number>> {
  const seen = new Set<number>()
  for (let from = '-'; ;) {
    const page = await client.xrange('out', from, '+', 'COUNT', 10_000)
    for (const [, flat] of page) seen.add((JSON.parse(flat[flat.indexOf('data') + 1] ?? '{}') as { n: number }).n)
    const last = page.at(-1)?.[0]
    if (last === undefined || page.length < 10_000) return seen
    from = `(${last}`
  }
}
