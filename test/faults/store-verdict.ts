import { expect } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import type { StoredAnswer, StoreLoad } from './store-load.ts'
import type { StoreScene } from './store-scene.ts'

export const isRefusal = ({ status }: StoredAnswer): boolean => status !== 202

/** Waits until so many stored requests were refused because of the store. */
export const waitForRefusals = (load: StoreLoad, count: number): Promise<true> =>
  waitFor(() => load.answers.filter(isRefusal).length >= count, { what: `${count} refusals` })

/** Waits until a request that was sent after the time was accepted; answers how long that took, in milliseconds. */
export async function waitForRecovery(load: StoreLoad, since: number): Promise<number> {
  const isAccepted = (answer: StoredAnswer): boolean => !isRefusal(answer) && answer.sentAt > since
  const { at } = await waitFor(() => load.answers.find(isAccepted), { what: 'a stored request to be accepted' })
  return at - since
}

/** Judges a load that has been stopped: whatever the store did, these promises hold. */
export async function expectPromisesKept(scene: StoreScene, load: StoreLoad): Promise<void> {
  for (const refusal of load.answers.filter(isRefusal)) {
    expect(refusal).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE', retryAfter: '1' })
  }
  const slowest = Math.max(...load.answers.map(({ sentAt, at }) => at - sentAt))
  expect(slowest, 'the slowest answer').toBeLessThan(7_000)
  expect(load.mostWaiting, 'stored requests that waited for an answer').toBeLessThan(1_000)
  await expectOneOutcomeEach(scene, load)
  expect(load.synchronousFailures).toEqual([])
  expect(percentile(load.synchronous, 0.99), 'synchronous requests, the 99th percentile').toBeLessThan(1_000)
  expectCalmGateway(scene)
}

/** Each request that was accepted has ended within ten seconds, and no work was done twice. */
async function expectOneOutcomeEach({ url, executions }: StoreScene, load: StoreLoad): Promise<void> {
  const open = new Set(load.accepted.values())
  const isReplied = async (id: string): Promise<void> => {
    const answer = await fetch(`${url}/default/test/requests/${id}`)
    const { status }: { status: string } = JSON.parse(await answer.text())
    if (status === 'replied') open.delete(id)
  }
  const lookAtSome = async (): Promise<boolean> => {
    await Promise.all([...open].slice(0, 50).map(isReplied))
    return open.size === 0
  }
  await waitFor(lookAtSome, { what: 'every accepted request to be replied' })
  const counts = [...load.accepted.keys()].map(key => [key, executions.get(key)])
  expect(counts.filter(([, count]) => count !== 1)).toEqual([])
}

/** It told of the outage in a few lines, and has met no defect. */
function expectCalmGateway({ gateway }: StoreScene): void {
  const lines = gateway.output.stderr.split('\n').filter(line => line !== '')
  const records = lines.map((line): { level?: number; msg?: string } => JSON.parse(line) as object)
  expect(records.filter(({ level = 60 }) => level >= 50)).toEqual([])
  expect(lines.length, lines.join('\n')).toBeLessThan(15)
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0
