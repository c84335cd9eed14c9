import { createTempFolder } from '../helpers/temp-folder.ts'
import type { BenchContext } from './bench-context.ts'
import { callChain, requestBody } from './call-chain.ts'
import { writeChainPipeline } from './chain-pipeline.ts'
import { comparisonTable } from './comparison.ts'
import { startGateway } from './contender.ts'
import { loadFigures } from './load-figures.ts'
import type { LoadResult } from './load.ts'
import { memoryOptions, readMemory, type Memory } from './memory.ts'
import { startModels } from './models.ts'

const many = 10_000
const MiB = 2 ** 20

interface Measured {
  readonly readyMs: number
  readonly idle: Memory
  readonly loads: readonly LoadResult[]
  readonly used: Memory
}

/** One loaded pipeline against ten thousand, which the callers visit in turn: latency, memory, time to be ready. */
export async function benchManyPipelines(context: BenchContext): Promise<string> {
  await using models = await startModels(2)
  const one = await measure(context, 1, models.urls)
  const all = await measure(context, many, models.urls)
  const figure = (name: string, pick: (measured: Measured) => number) => ({
    name,
    left: [pick(one)],
    right: [pick(all)]
  })
  const figures = [
    ...loadFigures('2 steps, 1 connection', one.loads, all.loads),
    figure('ready after: ms', measured => measured.readyMs),
    figure('RSS before the load: MiB', measured => measured.idle.rssBytes / MiB),
    figure('RSS after the load: MiB', measured => measured.used.rssBytes / MiB),
    figure('heap before the load: MiB', measured => measured.idle.heapBytes / MiB),
    figure('heap after the load: MiB', measured => measured.used.heapBytes / MiB)
  ]
  const each = (pick: (memory: Memory) => number) => ((pick(all.used) - pick(one.used)) / (many - 1) / 1024).toFixed(1)
  const table = comparisonTable({ title: 'pipelines', left: '1', right: many.toLocaleString('en'), figures })
  const heap = each(memory => memory.heapBytes)
  const rss = each(memory => memory.rssBytes)
  return `${table}\n\nEach pipeline costs ${heap} KiB of heap, ${rss} KiB of RSS (after the load and a garbage collection).`
}

async function measure(
  { main, quick, runLoad, progress }: BenchContext,
  count: number,
  models: readonly string[]
): Promise<Measured> {
  await using folder = await createTempFolder()
  const names = Array.from({ length: count }, (_, i) => `chain-${i}`)
  for (const name of names) await writeChainPipeline(folder, name, models)
  progress(`pipelines: ${count}, starting`)
  const began = performance.now()
  await using gateway = await startGateway({ main, folder: folder.path, nodeOptions: memoryOptions })
  const readyMs = performance.now() - began
  await callChain(`${gateway.url}/bench/${names.at(-1)}`)
  const idle = await readMemory(gateway.process)
  const target = { url: gateway.url, paths: names.map(name => `/bench/${name}`), connections: 1, body: requestBody }
  await runLoad({ ...target, seconds: quick ? 1 : 5 })
  const loads: LoadResult[] = []
  const rounds = quick ? 1 : 3
  for (let round = 1; round <= rounds; round++) {
    loads.push(await runLoad({ ...target, seconds: quick ? 1 : 5 }))
    progress(
      `pipelines: ${count}, round ${round} of ${rounds}: p50 ${loads.at(-1)?.p50Ms} ms, p99 ${loads.at(-1)?.p99Ms} ms`
    )
  }
  return { readyMs, idle, loads, used: await readMemory(gateway.process) }
}
