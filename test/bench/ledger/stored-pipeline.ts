import type { TempFolder } from '../../helpers/temp-folder.ts'
import { writeChainPipeline } from '../chain-pipeline.ts'

/** More than any load leaves waiting. */
const maxQueued = 100_000_000

/** Writes a pipeline of one model whose requests may wait in any number; it serves POST /bench/NAME. */
export async function writeStoredPipeline(
  folder: TempFolder,
  name: string,
  model: string,
  maxInFlight: number
): Promise<void> {
  await writeChainPipeline(folder, name, [model], { limits: { maxQueued, maxInFlight } })
}

/** This header asks the gateway for a 202. */
export const respondAsync = { prefer: 'respond-async' }
