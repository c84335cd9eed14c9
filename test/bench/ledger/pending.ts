import { fileURLToPath } from 'node:url'
import { startProcess } from '../../helpers/process.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { BenchContext } from '../bench-context.ts'
import { comparisonTable, type Figure } from '../comparison.ts'
import type { PendingFigures } from './pending-probe.ts'

const probe = fileURLToPath(new URL('pending-probe.ts', import.meta.url))
const MiB = 2 ** 20

/** Enough to fill every cache. */
const warmUp = 20_000

/**
 * Memory and claims of a process whose ledger has one request waiting, against one with many. The same number went into
 * both, since a process that has done more has also grown more, whatever waits: of the one, all others were finished.
 */
export async function benchPending({ quick, progress }: BenchContext): Promise<string> {
  const counts = quick ? [10_000, 100_000] : [10_000, 1_000_000]
  const figures: Figure[] = []
  for (const store of ['SQLite', 'Redis'] as const) {
    for (const count of counts) {
      const one = await measure(store, warmUp + count, 1)
      const many = await measure(store, warmUp, count)
      progress(`pending in ${store}, ${count}: claim ${many.claimMs.toFixed(3)} ms, one: ${one.claimMs.toFixed(3)} ms`)
      figures.push(...figuresOf(`${store}, ${count.toLocaleString('en')}`, one, many))
    }
  }
  return comparisonTable({ title: 'requests that wait', left: '1', right: 'many', figures })
}

function figuresOf(name: string, one: PendingFigures, many: PendingFigures): Figure[] {
  const figure = (unit: string, pick: (figures: PendingFigures) => number): Figure => ({
    name: `${name}: ${unit}`,
    left: [pick(one)],
    right: [pick(many)]
  })
  return [
    figure('claim p50 ms', each => each.claimMs),
    figure('claim p99 ms', each => each.claimP99Ms),
    figure('RSS MiB', each => each.rssBytes / MiB),
    figure('heap MiB', each => each.heapBytes / MiB)
  ]
}

async function measure(store: 'SQLite' | 'Redis', through: number, waiting: number): Promise<PendingFigures> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const url = store === 'SQLite' ? `sqlite:${folder.path}/pending.db` : opened.use(await startRedis()).url
  const child = opened.use(
    await startProcess(process.execPath, ['--expose-gc', probe, url, String(through), String(waiting)])
  )
  const [line] = await child.waitForLine(/^\{.*\}$/, 1_800_000)
  const figures: PendingFigures = JSON.parse(line)
  return figures
}
