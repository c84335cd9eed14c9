import { describe, expect, it } from 'vitest'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connect, startSourced } from './sourced-gateway.ts'

describe('two replicas of one store', () => {
  it('give the event of a time once, and share the entries of a stream', async () => {
    await using redis = await startRedis()
    await using client = connect(redis)
    await using step = await startStep(202)
    const sources = [
      { name: 'ticks', schedule: { cron: '* * * * * *', data: { tick: true } } },
      { name: 'entries', redisStream: { url: redis.url, stream: 'in' } }
    ]
    const config = { store: redis.url }
    await using running = new AsyncDisposableStack()
    for (let i = 0; i < 2; i++) running.use(await startSourced([step.url], { sources }, config))
    for (let n = 0; n < 20; n++) await client.xadd('in', '*', 'data', String(n))
    const of = (source: string) =>
      step.requests.filter(({ headers }) => headers['ce-source'] === `/default/test/${source}`)
    await waitFor(() => of('ticks').length >= 3 && of('entries').length >= 20, { what: 'three ticks and all entries' })
    const ids = of('ticks').map(({ headers }) => String(headers['ce-id']))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every(id => /^\d{4}-.*:\d\d\.000Z$/.test(id))).toBe(true)
    expect(new Set(of('entries').map(({ body }) => body.toString())).size).toBe(20)
    expect(of('entries')).toHaveLength(20)
  })
})
