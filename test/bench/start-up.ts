import { createTempFolder } from '../helpers/temp-folder.ts'
import type { BenchContext } from './bench-context.ts'
import { callChain } from './call-chain.ts'
import { writeChainPipeline } from './chain-pipeline.ts'
import { comparisonTable } from './comparison.ts'
import { startFloor, startGateway, type Contender } from './contender.ts'
import { startModels } from './models.ts'

/** From the start of the process to its first 200, of a chain of two models; floor and gateway alternate. */
export async function benchStartUp({ main, quick, progress }: BenchContext): Promise<string> {
  await using models = await startModels(2)
  await using folder = await createTempFolder()
  await writeChainPipeline(folder, 'chain-2', models.urls)
  const rounds = quick ? 3 : 15
  const left: number[] = []
  const right: number[] = []
  for (let round = 1; round <= rounds; round++) {
    left.push(await firstReplyMs(() => startFloor(models.urls)))
    right.push(await firstReplyMs(() => startGateway({ main, folder: folder.path })))
    const [f, g] = [left, right].map(times => Math.round(times.at(-1) ?? 0))
    progress(`start-up, round ${round} of ${rounds}: floor ${f} ms, gateway ${g} ms`)
  }
  const figures = [{ name: 'process start to first 200: ms', left, right }]
  return comparisonTable({ title: 'start-up', left: 'floor', right: 'gateway', figures })
}

async function firstReplyMs(start: () => Promise<Contender>): Promise<number> {
  const began = performance.now()
  await using contender = await start()
  await callChain(`${contender.url}/bench/chain-2`)
  return performance.now() - began
}
