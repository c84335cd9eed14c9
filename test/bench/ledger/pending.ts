import { request } from 'undici'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { BenchContext } from '../bench-context.ts'
import { comparisonTable, type Figure } from '../comparison.ts'
import { startServer } from '../contender.ts'
import type { ClaimFigures, MemoryFigures } from './pending-probe.ts'

const MiB = 2 ** 20

/** Enough to fill every cache. */
const warmUp = 20_000

/** By turns, since the speed of a shared machine changes within seconds. */
const rounds = 9

/**
 * Memory and claims of a process whose ledger has one request waiting, against one with many. The same number went into
 * both, since a process that has done more has also grown more, whatever waits: of the one, all others were finished.
 */
export async function benchPending({ quick, progress }: BenchContext): Promise<string> {
  const counts = quick ? [10_000, 100_000] : [10_000, 1_000_000]
  const figures: Figure[] = []
  for (const store of ['SQLite', 'Redis'] as const) {
    for (const count of counts) {
      progress(`pending in ${store}: ${count}`)
      figures.push(...(await compare(store, count)))
    }
  }
  return comparisonTable({ title: 'requests that wait', left: '1', right: 'many', figures })
}

async function compare(store: Store, count: number): Promise<readonly Figure[]> {
  await using one = await startProbe(store, warmUp + count, 1)
  await using many = await startProbe(store, warmUp, count)
  const claims: { readonly left: ClaimFigures; readonly right: ClaimFigures }[] = []
  for (let round = 1; round <= rounds; round++) {
    claims.push({ left: await one.claims(), right: await many.claims() })
  }
  const memory = [{ left: await one.memory(), right: await many.memory() }]
  const name = `${store}, ${count.toLocaleString('en')}`
  return [
    figureOf(`${name}: claim p50 ms`, claims, ({ p50Ms }) => p50Ms),
    figureOf(`${name}: claim p99 ms`, claims, ({ p99Ms }) => p99Ms),
    figureOf(`${name}: RSS MiB`, memory, ({ rssBytes }) => rssBytes / MiB),
    figureOf(`${name}: heap MiB`, memory, ({ heapBytes }) => heapBytes / MiB)
  ]
}

const figureOf = <T>(
  name: string,
  rounds: readonly { readonly left: T; readonly right: T }[],
  pick: (figures: T) => number
): Figure => ({ name, left: rounds.map(({ left }) => pick(left)), right: rounds.map(({ right }) => pick(right)) })

type Store = 'SQLite' | 'Redis'

interface Probe extends AsyncDisposable {
  readonly claims: () => Promise<ClaimFigures>
  readonly memory: () => Promise<MemoryFigures>
}

async function startProbe(store: Store, through: number, waiting: number): Promise<Probe> {
  await using opening = new AsyncDisposableStack()
  const folder = opening.use(await createTempFolder())
  const url = store === 'SQLite' ? `sqlite:${folder.path}/pending.db` : opening.use(await startRedis()).url
  const args = [url, String(through), String(waiting)]
  const server = opening.use(await startServer('ledger/pending-probe.ts', args, { nodeOptions: ['--expose-gc'] }))
  const owned = opening.move()
  return {
    claims: () => read(`${server.url}/claims`),
    memory: () => read(`${server.url}/memory`),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function read<Figures>(url: string): Promise<Figures> {
  const { statusCode, body } = await request(url, { headersTimeout: 0 })
  if (statusCode !== 200) throw new Error(await body.text())
  return (await body.json()) as Figures
}
