import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { BenchContext } from '../bench-context.ts'
import { requestBody } from '../call-chain.ts'
import { comparisonTable, type Figure } from '../comparison.ts'
import { startGateway, startServer, type Contender } from '../contender.ts'
import { meanMs, slowMs } from './bimodal-latency.ts'
import { respondAsync, writeStoredPipeline } from './stored-pipeline.ts'

const inFlightCounts = [64, 256]

/**
 * How well the places in flight are used when the model is mostly fast and sometimes a hundred times slower: requests
 * finished a second from a full queue, beside places / mean latency, which is what nobody can exceed.
 */
export async function benchUtilisation(context: BenchContext): Promise<string> {
  await using redis = await startRedis()
  const figures: Figure[] = []
  for (const maxInFlight of inFlightCounts) {
    for (const [name, store] of [['SQLite', undefined] as const, ['Redis', redis.url] as const]) {
      const measured = await measure(context, maxInFlight, store)
      const ideal = maxInFlight / (meanMs / 1000)
      figures.push({ name: `${name}, ${maxInFlight} in flight: req/s`, left: [ideal], right: measured })
    }
  }
  return comparisonTable({ title: 'utilisation (95 % 20 ms, 5 % 2 s)', left: 'ideal', right: 'gateway', figures })
}

async function measure(context: BenchContext, maxInFlight: number, store: string | undefined): Promise<number[]> {
  const { main, quick, progress } = context
  await using folder = await createTempFolder()
  await using model = await startServer('ledger/bimodal-model.ts', [])
  const name = `bimodal-${maxInFlight}`
  await writeStoredPipeline(folder, name, model.url, maxInFlight)
  await using gateway = await startGateway({ main, folder: folder.path, ...(store !== undefined && { store }) })
  const [rounds, seconds] = quick ? [1, 5] : [3, 10]
  const perSecond = maxInFlight / (meanMs / 1000)
  const accepted = await fill(context, gateway, name, perSecond, rounds * seconds + (2 * slowMs) / 1000)
  // Until as many slow ones are in flight as ever will be.
  await delay(2 * slowMs)
  const measured: number[] = []
  for (let round = 1; round <= rounds; round++) {
    measured.push(await rate(model, seconds))
    const latest = Math.round(measured.at(-1) ?? 0)
    progress(
      `utilisation, ${maxInFlight} in flight, round ${round} of ${rounds}: ${latest} of ${Math.round(perSecond)}`
    )
  }
  if ((await answeredBy(model)) + maxInFlight > accepted) throw new Error('the queue ran empty')
  return measured
}

/** Work for so many seconds, and for those that it takes to fill, with some to spare. */
async function fill(
  { runLoad }: BenchContext,
  { url }: Contender,
  name: string,
  perSecond: number,
  seconds: number
): Promise<number> {
  const load = { url, paths: [`/bench/${name}`], connections: 32, seconds: 2, body: requestBody, headers: respondAsync }
  const began = performance.now()
  const neededSeconds = (): number => 1.2 * seconds + (performance.now() - began) / 1000
  let accepted = 0
  while (accepted < perSecond * neededSeconds()) accepted += (await runLoad(load)).requests
  return accepted
}

async function rate(model: Contender, seconds: number): Promise<number> {
  const [before, began] = [await answeredBy(model), performance.now()]
  await delay(seconds * 1000)
  return ((await answeredBy(model)) - before) / ((performance.now() - began) / 1000)
}

const answeredBy = async ({ url }: Contender): Promise<number> =>
  Number(await (await request(`${url}/answered`)).body.text())
