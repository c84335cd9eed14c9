import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { BenchContext } from '../bench-context.ts'
import { callChain, requestBody } from '../call-chain.ts'
import { writeChainPipeline } from '../chain-pipeline.ts'
import { comparisonTable, median } from '../comparison.ts'
import { startGateway } from '../contender.ts'
import { loadFigures } from '../load-figures.ts'
import type { LoadResult } from '../load.ts'
import { startModels } from '../models.ts'

/** What storing adds to a request whose caller waits: the same model with and without `requests.stored`. */
export async function benchStoredLatency(context: BenchContext): Promise<string> {
  await using redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] })
  const stores = [['SQLite', undefined] as const, ['Redis', redis.url] as const]
  const parts: string[] = []
  for (const [name, store] of stores) {
    const [left, right] = await measure(context, name, store)
    const title = `a caller who waits (${name})`
    const figures = loadFigures('1 step, 1 connection', left, right)
    const table = comparisonTable({ title, left: 'not stored', right: 'stored', figures })
    const [plain, stored] = [left, right].map(results => median(results.map(({ p50Ms }) => p50Ms)))
    parts.push(`${table}\n\nStoring in ${name} adds ${((stored ?? NaN) - (plain ?? NaN)).toFixed(2)} ms at p50.`)
  }
  return parts.join('\n\n')
}

type Results = readonly LoadResult[]

async function measure(
  { main, quick, runLoad, progress }: BenchContext,
  name: string,
  store: string | undefined
): Promise<readonly [Results, Results]> {
  await using models = await startModels(1)
  await using folder = await createTempFolder()
  await writeChainPipeline(folder, 'plain', models.urls)
  await writeChainPipeline(folder, 'stored', models.urls, { requests: { stored: true } })
  await using gateway = await startGateway({ main, folder: folder.path, ...(store !== undefined && { store }) })
  const run = (path: string, seconds: number) =>
    runLoad({ url: gateway.url, paths: [path], connections: 1, seconds, body: requestBody })
  for (const path of ['/bench/plain', '/bench/stored']) {
    await callChain(gateway.url + path)
    await run(path, quick ? 1 : 3)
  }
  const plain: LoadResult[] = []
  const stored: LoadResult[] = []
  const rounds = quick ? 3 : 5
  for (let round = 1; round <= rounds; round++) {
    plain.push(await run('/bench/plain', quick ? 1 : 4))
    stored.push(await run('/bench/stored', quick ? 1 : 4))
    const [p, s] = [plain, stored].map(results => results.at(-1)?.p50Ms.toFixed(2))
    progress(`stored latency in ${name}, round ${round} of ${rounds}: p50 ${p} ms, stored ${s} ms`)
  }
  return [plain, stored]
}
