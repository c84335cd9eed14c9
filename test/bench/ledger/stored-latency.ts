import { join } from 'node:path'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder, type TempFolder } from '../../helpers/temp-folder.ts'
import type { BenchContext } from '../bench-context.ts'
import { callChain, requestBody } from '../call-chain.ts'
import { writeChainPipeline } from '../chain-pipeline.ts'
import { comparisonTable, median } from '../comparison.ts'
import { startGateway, startServer } from '../contender.ts'
import { loadFigures } from '../load-figures.ts'
import type { LoadResult } from '../load.ts'
import { startModels } from '../models.ts'

const plainPath = '/bench/plain'
const storedPath = '/bench/stored'

/**
 * The time that storing adds to a request whose caller waits: the same model with and without `requests.stored`, and beside
 * SQLite a floor that commits twice by hand. What a wake or an fsync takes may change by half within minutes, so rounds
 * are short and go through all of them, and what is added is the median of the differences within a round.
 */
export async function benchStoredLatency(context: BenchContext): Promise<string> {
  await using models = await startModels(1)
  const [model = ''] = models.urls
  return [await besideSqlite(context, model), await onRedis(context, model)].join('\n\n')
}

async function besideSqlite(context: BenchContext, model: string): Promise<string> {
  await using folder = await createTempFolder()
  await using floor = await startServer('ledger/stored-floor.ts', [model, join(folder.path, 'floor.db')])
  await writePipelines(folder, model)
  await using gateway = await startGateway({ main: context.main, folder: folder.path })
  const [ours, bare] = await measure(context, 'SQLite', [gateway.url, floor.url])
  if (ours === undefined || bare === undefined) throw new Error('a side was not measured')
  const [adds, least] = [ours, bare].map(side => addedMs(side).toFixed(2))
  return `${tableOf('SQLite', ours)}

Storing in SQLite adds ${adds} ms at p50. Two commits by hand, on the thread that serves, add ${least} ms.`
}

async function onRedis(context: BenchContext, model: string): Promise<string> {
  await using redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] })
  await using folder = await createTempFolder()
  await writePipelines(folder, model)
  await using gateway = await startGateway({ main: context.main, folder: folder.path, store: redis.url })
  const [side] = await measure(context, 'Redis', [gateway.url])
  if (side === undefined) throw new Error('the gateway was not measured')
  return `${tableOf('Redis', side)}\n\nStoring in Redis adds ${addedMs(side).toFixed(2)} ms at p50.`
}

async function writePipelines(folder: TempFolder, model: string): Promise<void> {
  await writeChainPipeline(folder, 'plain', [model])
  await writeChainPipeline(folder, 'stored', [model], { requests: { stored: true } })
}

/** One server, measured in rounds. */
interface Side {
  readonly url: string
  readonly plain: LoadResult[]
  readonly stored: LoadResult[]
}

async function measure(
  { quick, runLoad, progress }: BenchContext,
  name: string,
  urls: readonly string[]
): Promise<readonly Side[]> {
  const run = (url: string, path: string, connections: number, seconds: number) =>
    runLoad({ url, paths: [path], connections, seconds, body: requestBody })
  for (const url of urls) {
    for (const path of [plainPath, storedPath]) {
      await callChain(url + path)
      // Some at a time, so that the compiler has seen to all of it.
      await run(url, path, 8, quick ? 1 : 5)
    }
  }
  const sides = urls.map((url): Side => ({ url, plain: [], stored: [] }))
  const rounds = quick ? 3 : 15
  for (let round = 1; round <= rounds; round++) {
    for (const { url, plain, stored } of sides) {
      plain.push(await run(url, plainPath, 1, 1))
      stored.push(await run(url, storedPath, 1, 1))
    }
    const added = sides.map(side => differences(side).at(-1)?.toFixed(2)).join(' ms, floor ')
    progress(`stored latency in ${name}, round ${round} of ${rounds}: added ${added} ms`)
  }
  return sides
}

const differences = ({ plain, stored }: Side): readonly number[] =>
  stored.map(({ p50Ms }, i) => p50Ms - (plain[i]?.p50Ms ?? NaN))

const addedMs = (side: Side): number => median(differences(side))

function tableOf(store: string, { plain, stored }: Side): string {
  const figures = loadFigures('1 step, 1 connection', plain, stored)
  return comparisonTable({ title: `a caller who waits (${store})`, left: 'not stored', right: 'stored', figures })
}
