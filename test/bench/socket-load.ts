import { fileURLToPath } from 'node:url'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import type { Load, LoadResult } from './load.ts'

const worker = fileURLToPath(new URL('socket-load-worker.ts', import.meta.url))

/**
 * Runs a load by bare sockets, for machines without `wrk`. What an HTTP client does beside would be measured too, the more
 * the longer the callers wait: on two processors a process that has waited finds its caches cold.
 */
export async function runSockets(load: Load): Promise<LoadResult> {
  await using folder = await createTempFolder()
  const file = await folder.write('load.json', JSON.stringify(load))
  await using child = await startProcess(process.execPath, [worker, file])
  const line = await child.waitForLine(/^\{.*\}$/, (load.seconds + 60) * 1000)
  const result: LoadResult = JSON.parse(line[0])
  return result
}
