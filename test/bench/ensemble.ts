import { readFileSync } from 'node:fs'
import { request } from 'undici'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { alternate } from './alternate.ts'
import type { BenchContext } from './bench-context.ts'
import { requestBody } from './call-chain.ts'
import { comparisonTable, type Figure } from './comparison.ts'
import { startFloor, startGateway } from './contender.ts'
import { loadFigures } from './load-figures.ts'
import { startModels } from './models.ts'

const branches = 4
const path = '/bench/ensemble'
/** Models that answer at once, where all that counts is the processor, and models that work. */
const workMs = [0, 10]
const connectionCounts = [1, 32]

/** Four models called at the same time and joined, beside the same calls by `Promise.all` over undici. */
export async function benchEnsemble(context: BenchContext): Promise<string> {
  const figures: Figure[] = []
  for (const ms of workMs) {
    await using models = await startModels(branches, ms)
    await using folder = await createTempFolder()
    await writeEnsemble(folder, models.urls)
    await using floor = await startFloor(models.urls)
    await using gateway = await startGateway({ main: context.main, folder: folder.path })
    const urls = [floor.url, gateway.url] as const
    for (const url of urls) await checkAnswer(url)
    for (const url of [...urls, ...urls]) {
      await context.runLoad({ url, paths: [path], connections: 32, seconds: context.quick ? 2 : 4, body: requestBody })
    }
    for (const connections of connectionCounts) {
      const name = `models of ${ms} ms, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
      const spent = new Map(urls.map(url => [url, [] as number[]]))
      const run = async (url: string, seconds: number) => {
        const { pid } = (url === floor.url ? floor : gateway).process
        const before = processorUs(pid)
        const result = await context.runLoad({ url, paths: [path], connections, seconds, body: requestBody })
        spent.get(url)?.push((processorUs(pid) - before) / result.requests)
        return result
      }
      const [left, right] = await alternate(context, name, urls, run)
      const [mine = [], theirs = []] = urls.map(url => spent.get(url))
      figures.push(...loadFigures(name, left, right), { name: `${name}: processor µs`, left: mine, right: theirs })
    }
  }
  return comparisonTable({ title: 'ensemble of 4', left: 'Promise.all', right: 'gateway', figures })
}

async function writeEnsemble(folder: TempFolder, models: readonly string[]): Promise<void> {
  const steps = models.map((url, i) => ({ name: `m${i + 1}`, steps: [{ name: `model-${i + 1}`, uri: `${url}/` }] }))
  const definition = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ServingPipeline',
    metadata: { name: 'ensemble', namespace: 'bench' },
    spec: { steps: [{ name: 'fan', parallel: { branches: steps } }] }
  }
  await folder.write('ensemble.yaml', JSON.stringify(definition))
}

/** A contender that answers anything but the joined answers is not worth measuring. */
async function checkAnswer(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body } = await request(url + path, { method: 'POST', headers, body: requestBody })
  const joined = (await body.json()) as Record<string, { readonly label?: string }>
  const isWhole = Object.keys(joined).length === branches && joined['m4']?.label === 'positive'
  if (statusCode !== 200 || !isWhole) throw new Error(`${url}${path} answered ${statusCode}: ${JSON.stringify(joined)}`)
}

/** Microseconds that a process has had of the processors, of which others on the machine take nothing away; on Linux. */
function processorUs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const hundredths = Number(fields[11]) + Number(fields[12])
    return hundredths * 10_000
  } catch {
    return NaN
  }
}
