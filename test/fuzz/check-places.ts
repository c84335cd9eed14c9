import { waitFor } from '../helpers/wait-for.ts'
import type { FuzzedGateway } from './fuzzed-gateway.ts'
import { pipelinesOf, places } from './fuzzed-pipelines.ts'
import type { FuzzingStep } from './fuzzing-step.ts'

const settlingMs = 30_000

/** The gateway holds nothing of a fuzz that is over, if it gives everything back. */
export async function checkPlaces(gateway: FuzzedGateway, step: FuzzingStep): Promise<readonly string[]> {
  step.heal()
  const lost: string[] = []
  await endReplays(gateway)
  const left = await settled(async () => await gateway.total('sluice_inflight'))
  if (left > 0) lost.push(`sluice_inflight is ${left}, and nothing is in flight`)
  const open = await settled(async () => (await openRequests(gateway)).length)
  if (open > 0) lost.push(`${open} stored requests neither end nor run: ${(await openRequests(gateway)).join(', ')}`)
  for (const { name, synchronous } of pipelinesOf(step.url)) {
    if (synchronous) lost.push(...(await fill(gateway, step, { name, count: places.maxConcurrent, headers: {} })))
    lost.push(...(await fill(gateway, step, { name, count: places.maxInFlight, headers: { prefer: 'respond-async' } })))
  }
  return lost
}

/** 0 as soon as it is 0, else what remains of it. */
async function settled(count: () => Promise<number>): Promise<number> {
  const zero = waitFor(async () => (await count()) === 0, { what: 'everything to end', timeoutMs: settlingMs })
  return await zero.then(() => 0, count)
}

/** Replays that an input began would go on as long as there are dead letters. */
async function endReplays(gateway: FuzzedGateway): Promise<void> {
  for (let letters = await gateway.list('/deadletters?limit=1000'); letters.length > 0;) {
    for (const { id } of letters) await fetch(`${gateway.adminUrl}/deadletters/${id}`, { method: 'DELETE' })
    letters = await gateway.list('/deadletters?limit=1000')
  }
  const isOver = async () => (await gateway.list('/replays')).every(({ status }) => status === 'done')
  await waitFor(isOver, { what: 'the end of all replays', timeoutMs: settlingMs })
}

async function openRequests(gateway: FuzzedGateway): Promise<readonly string[]> {
  const open = await Promise.all(['accepted', 'running'].map(status => gateway.list(`/requests?status=${status}`)))
  return open.flat().map(({ id }) => id)
}

interface Filling {
  readonly name: string
  readonly count: number
  readonly headers: Readonly<Record<string, string>>
}

/** As many callers as there are places, all of them at the step at once. */
async function fill(gateway: FuzzedGateway, step: FuzzingStep, { name, count, headers }: Filling): Promise<string[]> {
  step.gather(count)
  const call = async (_: unknown, i: number): Promise<number> => {
    const body = JSON.stringify({ a: 1, b: [{ x: i, y: 'z' }] })
    const json = { 'content-type': 'application/json', ...headers }
    const answer = await fetch(`${gateway.url}/default/${name}`, { method: 'POST', headers: json, body })
    await answer.arrayBuffer()
    return answer.status
  }
  const statuses = await Promise.all(Array.from({ length: count }, call))
  const refused = statuses.filter(status => status > 202)
  const told = [...Map.groupBy(refused, status => status)].map(
    ([status, some]) => `${some.length} were answered ${status}`
  )
  if (refused.length > 0) return [`of ${count} callers of ${name} at once ${told.join(', ')}`]
  // Those who were told 202 do not wait for the step.
  const left = await settled(async () => (step.hasGathered ? 0 : Math.max(1, step.gathered)))
  return left === 0 ? [] : [`only ${left} of ${count} requests of ${name} run at once`]
}
