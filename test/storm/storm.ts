import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { aPipeline, startAbusedGateway, type AbusedGateway } from '../abuse/abused-gateway.ts'
import { startProcess } from '../helpers/process.ts'
import { callHonestly, type HonestCalls } from './honest-callers.ts'

export interface StormOptions {
  /** Connections that misbehave at once. */
  readonly connections: number
  readonly stormMs: number
  /** How long the honest callers are alone before. */
  readonly quietMs: number
  /** How long nobody does anything afterwards. */
  readonly calmMs: number
}

export interface StormFigures {
  readonly quiet: HonestCalls
  readonly storm: HonestCalls
  /** Resident, in MiB: with honest callers only, and when the storm is over. */
  readonly memory: { readonly before: number; readonly after: number }
  /** The part of it that JavaScript uses: the rest may have been freed, and kept by the allocator of the system. */
  readonly heap: { readonly before: number; readonly after: number }
  /** The sum of `sluice_inflight` over all pipelines in the end. */
  readonly inFlight: number
  /** The bad clients say that they have done this. */
  readonly told: string
}

const callers = 20
const patienceMs = 20_000
const model = fileURLToPath(new URL('model.ts', import.meta.url))
const badClients = fileURLToPath(new URL('bad-clients.ts', import.meta.url))

/** Honest callers alone, then beside a storm of bad clients, then nobody; all in processes of their own. */
export async function runStorm({ connections, stormMs, quietMs, calmMs }: StormOptions): Promise<StormFigures> {
  await using step = await startProcess(process.execPath, [model])
  const [, url = ''] = await step.waitForLine(/^model ready on (.*)$/)
  await using gateway = await startAbusedGateway(
    aPipeline('honest', `{uri: ${url}/slow}`),
    aPipeline('bad', `{uri: ${url}/slow}`),
    aPipeline('big', `{uri: ${url}/big}`)
  )
  const honest = `${gateway.url}/default/honest`
  await callHonestly(honest, callers, quietMs / 4)
  const quiet = await callHonestly(honest, callers, quietMs)
  const before = await resident(gateway)
  const heapBefore = await heapUsed(gateway)
  const args = [new URL(gateway.url).port, String(connections), String(stormMs)]
  await using bad = await startProcess(process.execPath, [badClients, ...args])
  const storm = await callHonestly(honest, callers, stormMs)
  const [, told = ''] = await bad.waitForLine(/^bad clients: (.*)$/)
  await delay(calmMs)
  const inFlight = await leastInFlight(gateway)
  const memory = { before, after: await resident(gateway) }
  return { quiet, storm, memory, heap: { before: heapBefore, after: await heapUsed(gateway) }, inFlight, told }
}

/** The requests that stay in flight; a busy machine needs a moment to see that a client has gone. */
async function leastInFlight(gateway: AbusedGateway): Promise<number> {
  const givenUpAt = performance.now() + patienceMs
  for (;;) {
    const inFlight = await gateway.sum('sluice_inflight')
    if (inFlight === 0 || performance.now() > givenUpAt) return inFlight
    await delay(100)
  }
}

const heapUsed = async (gateway: AbusedGateway): Promise<number> =>
  (await gateway.gauge('nodejs_heap_size_used_bytes')) / 1024 / 1024

const resident = async (gateway: AbusedGateway): Promise<number> =>
  (await gateway.gauge('process_resident_memory_bytes')) / 1024 / 1024
