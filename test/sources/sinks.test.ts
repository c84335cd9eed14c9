import { afterAll, beforeAll } from 'vitest'
import { createLogSink } from '../../src/sinks/log-sink.ts'
import { RedisStreams } from '../../src/sinks/redis-streams.ts'
import { sinkSuite } from '../conformance/sink-suite.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { connect } from './sourced-gateway.ts'

let redis: RedisServer
beforeAll(async () => void (redis = await startRedis()))
afterAll(async () => redis[Symbol.asyncDispose]())

let streams = 0

sinkSuite('redisStream', async () => {
  const opened = new AsyncDisposableStack()
  const stream = `out-${++streams}`
  const client = opened.use(connect(redis))
  const sink = opened.use(new RedisStreams()).sink(redis.url, stream)
  return {
    sink,
    async taken() {
      const entries = await client.xrange(stream, '-', '+')
      return entries.map(([, flat]) => ({
        id: flat[flat.indexOf('ce_id') + 1] ?? '',
        octets: flat[flat.indexOf('data') + 1]?.length ?? 0
      }))
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
})

sinkSuite('log', async () => {
  const lines: { event: { id: string }; octets: number }[] = []
  const sink = createLogSink(
    { info: fields => void lines.push(fields as (typeof lines)[number]) },
    '/a/b/sinks/c',
    false
  )
  return {
    sink,
    taken: () => Promise.resolve(lines.map(({ event, octets }) => ({ id: event.id, octets }))),
    [Symbol.asyncDispose]: () => Promise.resolve()
  }
})
