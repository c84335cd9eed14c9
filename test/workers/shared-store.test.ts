import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep, type RecordedRequest, type StepAnswer, type StepServer } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { accept, many, post, startWorkers, type GatewayWithWorkers } from './gateway-with-workers.ts'

const stores = {
  'an SQLite file': async () => ({ store: 'sqlite:test.db', [Symbol.asyncDispose]: async () => {} }),
  'SQLite in memory': async () => ({ store: 'sqlite::memory:', [Symbol.asyncDispose]: async () => {} }),
  Redis: async () => {
    const redis = await startRedis()
    return { store: redis.url, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() }
  }
}

/** Connections that ask for one request: one of two workers gets none of them once in a million times. */
const asks = 20

type Answering = (request: RecordedRequest) => StepAnswer | number | Promise<StepAnswer | number>

/** Each gives the data back, until it is told otherwise. */
const echo: Answering = ({ body }) => ({ headers: { 'content-type': 'application/json' }, body })

describe.each(Object.entries(stores))('workers on %s', (_name, openStore) => {
  const opened = new AsyncDisposableStack()
  let gateway: GatewayWithWorkers
  let step: StepServer
  let answering = echo
  /** How many calls there were before the test. */
  let former = 0
  const repliedCount = async (): Promise<number> =>
    (await gateway.admin('/requests?status=replied')).json().items.length
  beforeAll(async () => {
    step = opened.use(await startStep(request => answering(request)))
    const { store } = opened.use(await openStore())
    gateway = opened.use(await startWorkers({ store, steps: [step.url] }))
  })
  beforeEach(() => {
    answering = echo
    former = step.requests.length
  })
  afterAll(() => opened.disposeAsync())

  it('know of every request that one of them accepted, and have its reply', async () => {
    const paths = await many(4, n => accept(gateway, n))
    for (const [n, path] of paths.entries()) {
      const states = await many(asks, () => gateway.call(path, { headers: { prefer: 'wait=10' } }))
      expect(new Set(states.map(({ status }) => status))).toEqual(new Set([200]))
      await waitFor(async () => (await gateway.call(path)).json().status === 'replied', { what: 'the reply' })
      const replies = await many(asks, () => gateway.call(`${path}/reply`))
      expect(new Set(replies.map(({ text }) => text))).toEqual(new Set([`{"n":${n}}`]))
    }
  })

  it('tell every waiting caller, of all workers, that a request came to its end', async () => {
    const gate = createGate()
    answering = async () => {
      await gate.opened
      return { headers: { 'content-type': 'application/json' }, body: '{"done":true}' }
    }
    const path = await accept(gateway, 1)
    await step.waitForRequests(former + 1)
    await waitFor(async () => (await gateway.call(path)).json().status === 'running', { what: 'the run' })
    const polls = many(asks, () => gateway.call(path, { headers: { prefer: 'wait=30' } }))
    const streams = many(asks, () => gateway.call(`${path}/events`))
    gate.open()
    for (const { text } of await streams) expect(text).toContain('"status":"replied"')
    // A long poll answers each change; settling follows the step.
    expect(new Set((await polls).map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('accept a request with one idempotency key once', async () => {
    const answers = await many(asks, () => post(gateway, 1, { prefer: 'respond-async', 'idempotency-key': 'k' }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    const [id, ...others] = new Set(answers.map(answer => answer.json().id))
    expect(others).toEqual([])
    await waitFor(async () => (await gateway.call(`/default/test/requests/${id}`)).json().status === 'replied', {
      what: 'the reply'
    })
    expect(step.requests).toHaveLength(former + 1)
  })

  it('have one list of requests and dead letters, and replay what failed', async () => {
    let healthy = false
    answering = () => (healthy ? { body: 'well' } : 400)
    const before = await repliedCount()
    const count = 6
    await many(count, n => accept(gateway, n))
    const failed = () => gateway.admin('/deadletters')
    await waitFor(async () => (await failed()).json().items.length === count, { what: 'the dead letters' })
    healthy = true
    const [first] = (await failed()).json().items
    expect(await gateway.admin(`/deadletters/${first.id}/replay`, 'POST')).toMatchObject({ status: 202 })
    const bulk = await gateway.admin('/deadletters/replay?rate=1000', 'POST')
    expect(bulk.status).toBe(202)
    await waitFor(async () => (await failed()).json().items.length === 0, { what: 'the end of all replays' })
    expect((await repliedCount()) - before).toBe(count)
  })
})
