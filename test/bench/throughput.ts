import { createTempFolder } from '../helpers/temp-folder.ts'
import { alternate } from './alternate.ts'
import type { BenchContext } from './bench-context.ts'
import { callChain, requestBody } from './call-chain.ts'
import { writeChainPipeline } from './chain-pipeline.ts'
import { comparisonTable, type Figure } from './comparison.ts'
import { startFloor, startGateway } from './contender.ts'
import { loadFigures } from './load-figures.ts'
import { startModels } from './models.ts'

const stepCounts = [2, 4]
const connectionCounts = [1, 32]

/** Requests a second and latency of the gateway beside the floor, in rounds that alternate between the two. */
export async function benchThroughput(context: BenchContext): Promise<string> {
  await using models = await startModels(Math.max(...stepCounts))
  await using folder = await createTempFolder()
  for (const steps of stepCounts) await writeChainPipeline(folder, `chain-${steps}`, models.urls.slice(0, steps))
  await using floor = await startFloor(models.urls)
  await using gateway = await startGateway({ main: context.main, folder: folder.path })
  const figures: Figure[] = []
  for (const steps of stepCounts) {
    const path = `/bench/chain-${steps}`
    for (const { url } of [floor, gateway]) await callChain(url + path)
    await warmUp(context, [floor.url, gateway.url], path)
    for (const connections of connectionCounts) {
      const name = `${steps} steps, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
      const target = { paths: [path], connections, name }
      figures.push(...(await compare(context, { ...target, floor: floor.url, gateway: gateway.url })))
    }
  }
  return comparisonTable({ title: 'throughput', left: 'floor', right: 'gateway', figures })
}

/** Until the compiler has seen to both: on two busy processors that takes it about ten seconds. */
async function warmUp({ runLoad, quick, progress }: BenchContext, urls: readonly string[], path: string) {
  const [turns, seconds] = quick ? [2, 2] : [4, 4]
  progress(`${path}: warming up for ${2 * turns * seconds} s`)
  for (let turn = 1; turn <= turns; turn++) {
    for (const url of urls) await runLoad({ url, paths: [path], connections: 32, seconds, body: requestBody })
  }
}

interface Case {
  readonly name: string
  readonly paths: readonly string[]
  readonly connections: number
  readonly floor: string
  readonly gateway: string
}

async function compare(context: BenchContext, { name, floor, gateway, ...target }: Case) {
  const run = async (url: string, seconds: number) => context.runLoad({ ...target, url, seconds, body: requestBody })
  for (const url of [floor, gateway]) await run(url, 1)
  const [left, right] = await alternate(context, name, [floor, gateway], run)
  return loadFigures(name, left, right)
}
