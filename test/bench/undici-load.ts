import { fileURLToPath } from 'node:url'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import type { Load, LoadResult } from './load.ts'

const worker = fileURLToPath(new URL('undici-load-worker.ts', import.meta.url))

/** Runs a load by undici, for machines without `wrk`; it takes a good part of a core for itself. */
export async function runUndici(load: Load): Promise<LoadResult> {
  await using folder = await createTempFolder()
  const file = await folder.write('load.json', JSON.stringify(load))
  await using child = await startProcess(process.execPath, [worker, file])
  const line = await child.waitForLine(/^\{.*\}$/, (load.seconds + 60) * 1000)
  const result: LoadResult = JSON.parse(line[0])
  return result
}
