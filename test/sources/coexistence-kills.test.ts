import { expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connect, sourcedText } from './sourced-gateway.ts'

const requests = 6

it('ends each request as it began it after kill -9, on another replica and in two workers', async () => {
  await using redis = await startRedis()
  await using client = connect(redis)
  const gate = createGate()
  let isKilled = false
  await using step = await startStep(async ({ body }) => {
    if (!isKilled) await gate.opened
    return { body, headers: { 'content-type': 'application/json' } }
  })
  const sourced = sourcedText({
    sources: [{ name: 'entries', redisStream: { url: redis.url, stream: 'in' } }],
    sinks: [{ name: 'kept', redisStream: { url: redis.url, stream: 'out' } }]
  })
  const replica = { steps: [{ name: 'score', uri: step.url }], others: [sourced], store: redis.url, workers: 2 }
  await using first = await startKillableGateway(replica)
  const ids: string[] = []
  for (let i = 0; i < requests; i++) {
    ids.push(await submit(first, { data: { caller: i } }))
    await client.xadd('in', '*', 'data', JSON.stringify({ entry: i }))
  }
  await waitFor(() => step.requests.length >= 2 * requests, { what: 'all in flight' })
  await first.kill9()
  isKilled = true
  gate.open()
  await using second = await startKillableGateway(replica)
  for (const id of ids) expect((await ended(second, id, 60_000)).status).toBe('replied')
  const entries = await waitFor(
    async () => {
      const all = (await client.xrange('out', '-', '+')).map(([, [, data]]) => String(data))
      return new Set(all).size === requests && all
    },
    { what: 'every entry at the sink', timeoutMs: 60_000 }
  )
  expect(entries.filter(data => data.includes('caller'))).toEqual([])
}, 180_000)
