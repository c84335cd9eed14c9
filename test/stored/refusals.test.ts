import { describe, expect, it } from 'vitest'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { openRaw } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway, type AcceptedBody, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const async = { headers: { prefer: 'respond-async' } }

const refusal = async (answer: Response) => {
  const problem = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')), ...problem }
}

const countStored = async ({ adminUrl }: StoredGateway): Promise<number> =>
  ((await (await fetch(`${adminUrl}/requests`)).json()) as { items: readonly AcceptedBody[] }).items.length

describe.each(storeKinds)('before it accepts, a gateway on %s', kind => {
  const newStore = storesOf(kind)

  it('refuses what the queue has no room for, and accepts again when it has', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, 200))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1, maxQueued: 2 } }
    })
    const accepted = [await gateway.accept(), await gateway.accept(), await gateway.accept()]
    expect(await refusal(await gateway.post('{}', async))).toMatchObject({
      status: 429,
      code: 'QUEUE_FULL',
      pipeline: 'default/test',
      retryAfter: 1
    })
    expect(await countStored(gateway)).toBe(3)
    gate.open()
    for (const { id } of accepted) await gateway.until(id, 'filtered')
    expect((await gateway.post('{}', async)).status).toBe(202)
  })

  it('takes no more than there is room for when many come at once', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, 200))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 2, maxQueued: 3 } }
    })
    const answers = await Promise.all(Array.from({ length: 40 }, () => gateway.post('{}', async)))
    const accepted = answers.filter(({ status }) => status === 202).length
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - accepted)
    // Three wait, and two run; fewer, where the queue was full before its first were claimed.
    expect(accepted).toBeGreaterThanOrEqual(3)
    expect(accepted).toBeLessThanOrEqual(5)
    expect(await countStored(gateway)).toBe(accepted)
    gate.open()
  })

  it('knows a request again although the queue is full', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1, maxQueued: 1 } }
    })
    await gateway.accept()
    const waiting = await gateway.accept('{}', { 'idempotency-key': 'a' })
    expect((await gateway.post('{}', async)).status).toBe(429)
    expect((await gateway.accept('{}', { 'idempotency-key': 'a' })).id).toBe(waiting.id)
  })

  it('refuses while a destination has no address', async () => {
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ ref: { apiVersion: 'v1', kind: 'Service', name: 'model' } }]
    })
    expect(await refusal(await gateway.post('{}', async))).toMatchObject({
      status: 503,
      code: 'PIPELINE_NOT_READY',
      detail: expect.stringContaining('Service/default/model'),
      retryAfter: 1
    })
    expect(await countStored(gateway)).toBe(0)
  })

  it.each([
    ['an event that is none', {}, { 'ce-specversion': '1.0', 'ce-id': '' }, 400, 'INVALID_EVENT'],
    ['a body that is too large', { limits: { maxBodyBytes: 1 } }, {}, 413, 'BODY_TOO_LARGE'],
    ['an encoding', {}, { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE']
  ])('refuses %s', async (_name, spec, headers, status, code) => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'], spec })
    const answer = await gateway.post('{}', { headers: { ...async.headers, ...headers } })
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }])
    expect(await countStored(gateway)).toBe(0)
  })

  it('begins nothing new while it shuts down, and hands back what runs', async () => {
    const store = newStore()
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, 200))
    const gateway = await startStoredGateway(store, { steps: [step.url], config: { shutdownGraceMs: 1_000 } })
    const { id } = await gateway.accept()
    await step.waitForRequests(1)
    await using connection = await openRaw(gateway.url)
    const head = 'POST /default/test HTTP/1.1\r\nHost: x\r\nPrefer: respond-async\r\nContent-Length: 2\r\n'
    // Begun before the shutdown: the connection stays open until it is answered.
    connection.send(head)
    await gateway.call('/v2/health/live')
    const closed = gateway[Symbol.asyncDispose]()
    await waitFor(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 503, { what: 'readyz to say 503' })
    connection.send('\r\n{}')
    const { status, text, headers } = await connection.response()
    expect([status, JSON.parse(text), headers['retry-after']]).toMatchObject([503, { code: 'SHUTTING_DOWN' }, '1'])
    await closed
    gate.open()
    await using next = await startStoredGateway(store, { steps: [step.url] })
    await next.until(id, 'filtered')
    expect(await countStored(next)).toBe(1)
  })
})

describe('a gateway whose Redis is gone', () => {
  it('says so before it accepts, goes on serving who waits, and accepts again when it is back', async () => {
    await using redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(redis.url, { steps: [step.url] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'replied')
    await redis.kill9()
    expect(await refusal(await gateway.post('{}', async))).toMatchObject({
      status: 503,
      code: 'STORE_UNAVAILABLE',
      pipeline: 'default/test',
      retryAfter: expect.toSatisfy((seconds: number) => seconds >= 1)
    })
    for (const path of [links.self, links.reply, links.events]) {
      expect(await refusal(await gateway.call(path))).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' })
    }
    expect((await gateway.post('{}')).status).toBe(200)
    await redis.restart()
    await waitFor(async () => (await gateway.post('{}', async)).status === 202, { what: 'requests to be accepted' })
    expect(await gateway.status(id)).toMatchObject({ status: 'replied' })
  })
})
