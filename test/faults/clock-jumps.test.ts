import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { createGate } from '../helpers/gate.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoreScene, type StoreScene } from './store-scene.ts'

const hourMs = 3_600_000
const jumps = [
  { jump: 'an hour forth', byMs: hourMs },
  { jump: 'an hour back', byMs: -hourMs }
]

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

describe.each(['sqlite', 'redis'])('on %s, when the wall clock jumps', store => {
  it.each(jumps)('$jump, what is claimed stays claimed and what waits runs, in order and once', async ({ byMs }) => {
    const gate = createGate()
    const { scene, shift } = await open(store, () => gate.opened)
    const ids = [await accept(scene, 'claimed')]
    await waitFor(() => scene.executions.has('claimed'), { what: 'the step to be called' })
    for (const body of ['queued-1', 'queued-2']) ids.push(await accept(scene, body))
    await shift(byMs)
    const shiftedAt = performance.now()
    ids.push(await accept(scene, 'later'))
    expect(new Set(ids).size).toBe(4)
    // Meanwhile the mover looks three times for leases that ran out.
    await waitFor(() => performance.now() - shiftedAt > 3_500, { what: 'three sweeps' })
    const ages = await waitFor(() => agesOf(scene), { what: 'the gauges' })
    expect(ages.filter(age => age < 0)).toEqual([])
    expect([...scene.executions]).toEqual([['claimed', 1]])
    gate.open()
    for (const id of ids) await waitFor(async () => (await statusOf(scene, id)) === 'replied', { what: 'a reply' })
    expect([...scene.executions]).toEqual(['claimed', 'queued-1', 'queued-2', 'later'].map(body => [body, 1]))
  })

  it.each(jumps)('$jump, what was put back comes again when it is due', async ({ byMs }) => {
    const { scene, shift } = await open(store, failWhenBroken)
    await openBreaker(scene)
    const openedAt = performance.now()
    const id = await accept(scene, 'delayed')
    await shift(byMs)
    await waitFor(async () => (await statusOf(scene, id)) === 'replied', { what: 'the reply' })
    expect(performance.now() - openedAt).toBeGreaterThan(1_500)
  })
})

it('takes up at once what waited when its gateway was killed, though the clock was set back an hour', async () => {
  const { scene, shift, url, env } = await open('sqlite', failWhenBroken)
  await openBreaker(scene)
  const id = await accept(scene, 'delayed')
  await waitFor(async () => (await statusOf(scene, id)) === 'accepted', { what: 'the request to be put back' })
  scene.gateway.kill('SIGKILL')
  await scene.gateway.exit
  await shift(-hourMs)
  held.use(await startCli(['run', scene.definition, '--port', '0', '--admin-port', '0', '--store', url], { env }))
  await waitFor(() => scene.executions.has('delayed'), { what: 'the step to be called' })
})

async function open(store: string, work: (body: string) => Promise<void>) {
  const folder = held.use(await createTempFolder())
  const clock = await folder.write('clock', '0')
  const url =
    store === 'sqlite' ? `sqlite:${join(folder.path, 'test.db')}` : held.use(await startRedis({ args: [] })).url
  const env = {
    SHIFTED_CLOCK: clock,
    NODE_OPTIONS: `--import ${new URL('shifted-clock.ts', import.meta.url).href}`
  }
  const scene = held.use(await startStoreScene({ store: url, spec, step, work, env }))
  return { scene, url, env, shift: (byMs: number) => writeFile(clock, String(byMs)) }
}

const spec = { limits: { maxInFlight: 1 }, requests: { ttl: 'PT2H' }, delivery: { retry: 0 } }
const step = { circuitBreaker: { volumeThreshold: 2, resetTimeout: 'PT2S' } }

async function failWhenBroken(body: string): Promise<void> {
  if (body === 'broken') throw new Error('as the test wants it')
}

async function openBreaker(scene: StoreScene): Promise<void> {
  await accept(scene, 'broken')
  await accept(scene, 'broken')
  await waitFor(() => scene.executions.get('broken') === 2, { what: 'the breaker to open' })
}

async function accept({ post }: StoreScene, body: string): Promise<string> {
  const answer = await post(body, { prefer: 'respond-async' })
  expect(answer.status).toBe(202)
  const { id }: { id: string } = JSON.parse(await answer.text())
  return id
}

async function statusOf({ url }: StoreScene, id: string): Promise<string> {
  const answer = await fetch(`${url}/default/test/requests/${id}`)
  const { status }: { status: string } = JSON.parse(await answer.text())
  return status
}

/** The gauges of time, once they say something. */
async function agesOf({ adminUrl }: StoreScene): Promise<readonly number[] | undefined> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const ages = text.matchAll(/^sluice_(?:oldest_age|watermark_lag)_seconds\{.*\} (\S+)$/gm)
  const found = Array.from(ages, ([, age]) => Number(age))
  return found.length === 2 ? found : undefined
}
