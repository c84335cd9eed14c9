import { join } from 'node:path'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { alternate } from '../alternate.ts'
import type { BenchContext } from '../bench-context.ts'
import { requestBody } from '../call-chain.ts'
import { comparisonTable, type Figure } from '../comparison.ts'
import { startGateway, startServer } from '../contender.ts'
import { loadFigures } from '../load-figures.ts'
import type { LoadResult } from '../load.ts'
import { startModels } from '../models.ts'
import { respondAsync, writeStoredPipeline } from './stored-pipeline.ts'

const connectionCounts = [32, 128]

interface Mode {
  readonly name: string
  readonly model: string
  readonly maxInFlight: number
}

/**
 * Requests accepted a second, each on disk before its 202, beside a floor that only inserts. Acceptance alone: the
 * pipeline has one place, taken by a request that never ends, so the rest stays in the queue. While running: the
 * gateway also calls a model for each and settles it, on the same cores.
 */
export async function benchAcceptance(context: BenchContext): Promise<string> {
  await using models = await startModels(1)
  await using held = await startServer('ledger/held-model.ts', [])
  const modes = [
    { name: 'accepting alone', model: held.url, maxInFlight: 1 },
    { name: 'accepting and running', model: models.urls[0] ?? '', maxInFlight: 256 }
  ]
  const figures: Figure[] = []
  for (const mode of modes) figures.push(...(await measure(context, mode)))
  return comparisonTable({ title: 'acceptance (SQLite, fsync)', left: 'floor', right: 'gateway', figures })
}

/** Both sides start with an empty file. */
async function measure(context: BenchContext, { name, model, maxInFlight }: Mode): Promise<Figure[]> {
  await using folder = await createTempFolder()
  await using floorFolder = await createTempFolder()
  await writeStoredPipeline(folder, 'accept', model, maxInFlight)
  await using floor = await startServer('ledger/accept-floor.ts', [join(floorFolder.path, 'floor.db')])
  await using gateway = await startGateway({ main: context.main, folder: folder.path })
  const figures: Figure[] = []
  for (const connections of connectionCounts) {
    const title = `${name}, ${connections} connections`
    const [left, right] = await compare(context, title, connections, [floor.url, gateway.url])
    figures.push(...loadFigures(title, left, right))
  }
  return figures
}

async function compare(
  context: BenchContext,
  title: string,
  connections: number,
  urls: readonly [string, string]
): Promise<readonly [readonly LoadResult[], readonly LoadResult[]]> {
  const target = { paths: ['/bench/accept'], connections, body: requestBody, headers: respondAsync }
  const run = (url: string, seconds: number) => context.runLoad({ ...target, url, seconds })
  for (const url of urls) await run(url, context.quick ? 1 : 3)
  return alternate(context, title, urls, run)
}
