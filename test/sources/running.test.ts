import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Sources, type SourcedPipeline } from '../../src/sources/sources.ts'
import type { SourcePlace } from '../../src/sources/source.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connect, sourcedText, startSourced } from './sourced-gateway.ts'

const served = (maxBodyBytes: number): SourcedPipeline => {
  const plan = aPlan({ spec: { limits: { maxBodyBytes } } })
  const ticks = { kind: 'schedule', name: 'ticks', cron: '* * * * * *', timezone: 'UTC', data: undefined } as const
  return { plan: { ...plan, sources: [ticks] }, generation: 1, gate: 'open', blocked: undefined }
}

/** Sources that only wait; the first `faults` of them break off. */
function recorded(faults = 0) {
  const begun: SourcePlace[] = []
  const ended: SourcePlace[] = []
  const sources = new Sources({
    create: (_plan, place) => ({
      async run(_intake, signal) {
        if (begun.push(place) <= faults) throw new Error('a defect')
        await once(signal, 'abort')
        ended.push(place)
      }
    }),
    createIntake: () => ({ accept: () => Promise.resolve(true) }),
    log: silentLog
  })
  return { sources, begun, ended }
}

it('begins a source again that broke off', async () => {
  const { sources, begun, ended } = recorded(1)
  await using running = sources
  running.apply({ put: [served(100)], removed: [] })
  await waitFor(() => begun.length === 2, { what: 'its second beginning' })
  await running[Symbol.asyncDispose]()
  expect(ended).toHaveLength(1)
})

it('gives a source the limit of its pipeline when that has changed, and leaves it alone when not', async () => {
  const { sources, begun, ended } = recorded()
  await using running = sources
  for (const most of [100, 100, 200]) running.apply({ put: [served(most)], removed: [] })
  expect(begun.map(({ maxBytes }) => maxBytes)).toEqual([100, 200])
  await running[Symbol.asyncDispose]()
  expect(ended).toHaveLength(2)
})

it('starts nothing after it was disposed of', async () => {
  const { sources, begun } = recorded()
  await sources[Symbol.asyncDispose]()
  sources.apply({ put: [served(100)], removed: [] })
  expect(begun).toEqual([])
})

it('ends the connection to a Redis when no sink writes to it any more', async () => {
  await using kept = await startRedis()
  await using left = await startRedis()
  await using client = connect(kept)
  await using other = connect(left)
  const specTo = (...urls: readonly string[]) => ({
    sources: [{ name: 'entries', redisStream: { url: kept.url, stream: 'in' } }],
    sinks: urls.map((url, i) => ({ name: `sink-${i}`, redisStream: { url, stream: 'out' } }))
  })
  const steps = [{ transform: 'data' }]
  await using sourced = await startSourced(steps, specTo(kept.url, left.url), { watch: true })
  await client.xadd('in', '*', 'data', '1')
  await waitFor(async () => (await other.xlen('out')) === 1, { what: 'the entry' })
  const connections = async () =>
    String(await other.client('LIST'))
      .trim()
      .split('\n').length
  expect(await connections()).toBe(2)
  await writeFile(sourced.file, sourcedText({ steps, ...specTo(kept.url) }))
  await waitFor(async () => (await connections()) === 1, { what: 'the end of the connection' })
  await client.xadd('in', '*', 'data', '2')
  await waitFor(async () => (await client.xlen('out')) === 2, { what: 'an entry at the sink that is left' })
})
