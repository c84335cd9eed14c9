import { Pool } from 'undici'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startKillableGateway, startSuccessor } from '../helpers/killable-gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { startWorkers } from '../workers/gateway-with-workers.ts'

const quick = { delivery: { retry: 0 }, circuitBreaker: { enabled: false } }

// oxlint-disable-next-line typescript/no-explicit-any
const jsonOf = (response: Response): Promise<any> => response.json()

describe('traffic', () => {
  it('is exact to the call over 2,000 calls, and in each hundred of them', async () => {
    await using canary = await startStep({ body: 'new' })
    await using stable = await startStep({ body: 'old' })
    const step = { uri: stable.url, traffic: [{ uri: canary.url, percent: 7, tag: 'canary' }] }
    await using gateway = await startTestGateway({ steps: [step] })
    await using opened = new AsyncDisposableStack()
    const calls = opened.adopt(new Pool(gateway.url, { connections: 10 }), pool => pool.destroy())
    for (let hundred = 1; hundred <= 20; hundred++) {
      await Promise.all(
        Array.from({ length: 100 }, async () =>
          (await calls.request({ path: '/default/test', method: 'POST', body: '{}' })).body.dump()
        )
      )
      expect([canary.requests.length, stable.requests.length]).toEqual([7 * hundred, 93 * hundred])
    }
  })

  it('is exact over all workers together', async () => {
    await using canary = await startStep({ body: 'new' })
    await using stable = await startStep({ body: 'old' })
    const step = { uri: stable.url, traffic: [{ uri: canary.url, percent: 10 }] }
    await using gateway = await startWorkers({ steps: [step] })
    await Promise.all(Array.from({ length: 200 }, () => gateway.call('/default/test', { method: 'POST', body: '{}' })))
    expect([canary.requests.length, stable.requests.length]).toEqual([20, 180])
  })

  it('shares what no percent names evenly among the entries without one', async () => {
    await using steps = await startStep({ body: 'x' })
    const traffic = [{ uri: `${steps.url}/a`, percent: 20 }, { uri: `${steps.url}/b` }, { uri: `${steps.url}/c` }]
    await using gateway = await startTestGateway({ steps: [{ uri: `${steps.url}/own`, traffic }] })
    await Promise.all(Array.from({ length: 100 }, () => gateway.post()))
    const counts = Map.groupBy(steps.requests, ({ url }) => url)
    expect(new Map([...counts].map(([url, calls]) => [url, calls.length]))).toEqual(
      new Map([
        ['/a', 20],
        ['/b', 40],
        ['/c', 40]
      ])
    )
  })

  it('keeps to the entry in the retries of a request, and sends the entry its own headers alone', async () => {
    await using steps = await startStep(503)
    const traffic = [
      { uri: `${steps.url}/a`, percent: 50, headers: { 'x-a': '1' } },
      { uri: `${steps.url}/b`, percent: 50 }
    ]
    const delivery = { retry: 3, backoffDelay: '1ms' }
    await using gateway = await startTestGateway({
      steps: [{ traffic, delivery, circuitBreaker: { enabled: false } }]
    })
    for (let n = 0; n < 2; n++) await gateway.post('{}', { headers: { 'x-request-id': `r${n}` } })
    const byRequest = Map.groupBy(steps.requests, ({ headers }) => headers['x-request-id'])
    const urls = [...byRequest.values()].map(calls => new Set(calls.map(({ url }) => url)))
    expect(urls.map(({ size }) => size)).toEqual([1, 1])
    expect(new Set(urls.flatMap(each => [...each]))).toEqual(new Set(['/a', '/b']))
    expect(new Set(steps.requests.map(({ url, headers }) => `${url} ${String(headers['x-a'])}`))).toEqual(
      new Set(['/a 1', '/b undefined'])
    )
  })

  it('has a breaker for each entry, by its URL', async () => {
    await using bad = await startStep(500)
    await using good = await startStep({ body: 'ok' })
    const step = {
      traffic: [{ uri: bad.url, percent: 50, tag: 'bad' }, { uri: good.url }],
      delivery: { retry: 0 },
      circuitBreaker: { volumeThreshold: 4 }
    }
    await using gateway = await startTestGateway({ steps: [step] })
    const codes: string[] = []
    for (let n = 0; n < 20; n++) {
      const response = await gateway.post()
      codes.push(response.status === 200 ? 'ok' : (await jsonOf(response)).code)
    }
    expect(codes.filter(code => code === 'ok')).toHaveLength(10)
    expect(new Set(codes)).toEqual(new Set(['ok', 'STEP_FAILED', 'BREAKER_OPEN']))
  })

  it('is told by tag', async () => {
    await using canary = await startStep(500)
    await using stable = await startStep({ body: 'old' })
    const step = { name: 'score', uri: stable.url, traffic: [{ uri: canary.url, percent: 50, tag: 'canary' }] }
    await using gateway = await startTestGateway({ steps: [{ ...step, ...quick }] })
    for (let n = 0; n < 4; n++) await gateway.post()
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    const told = metrics.split('\n').filter(line => line.startsWith('sluice_traffic_attempts_total'))
    expect(told.toSorted()).toEqual([
      'sluice_traffic_attempts_total{pipeline="default/test",step="score",tag="@own",outcome="ok"} 2',
      'sluice_traffic_attempts_total{pipeline="default/test",step="score",tag="canary",outcome="failed"} 2'
    ])
  })
})

it('a failure of an entry goes to the sink with the URL of that entry', async () => {
  await using models = await startStep(({ url }) => (url === '/sink' ? 202 : 500))
  const delivery = { retry: 0, deadLetterSink: { uri: `${models.url}/sink` } }
  const traffic = [{ uri: `${models.url}/canary`, percent: 50 }]
  const step = { uri: `${models.url}/own`, traffic, delivery, circuitBreaker: { enabled: false } }
  await using gateway = await startTestGateway({ steps: [step] })
  for (let n = 0; n < 2; n++) await gateway.post()
  const letters = await waitFor(
    () => {
      const found = models.requests.filter(({ url }) => url === '/sink')
      return found.length === 2 && found
    },
    { what: 'both dead letters' }
  )
  expect(new Set(letters.map(({ headers }) => headers['ce-knativeerrordest']))).toEqual(
    new Set([`${models.url}/canary`, `${models.url}/own`])
  )
})

describe('a stored request', () => {
  const steps = (urls: readonly string[], second: string) => [
    { name: 'first', traffic: urls.map((uri, i) => ({ uri, tag: `t${i}` })), ...quick },
    { name: 'second', uri: second, ...quick }
  ]

  it('keeps its entry in a replay from there', async () => {
    let well = false
    await using models = await startStep(() => (well ? { body: 'ok' } : 422))
    await using folder = await createTempFolder()
    await using gateway = await startStoredGateway(`sqlite:${folder.path}/t.db`, {
      steps: steps([`${models.url}/a`, `${models.url}/b`, `${models.url}/c`], models.url)
    })
    for (let n = 0; n < 3; n++) await gateway.accept('{}', { 'x-request-id': `r${n}` })
    await models.waitForRequests(3)
    const before = new Map(models.requests.map(({ url, headers }) => [headers['x-request-id'], url]))
    expect(new Set(before.values()).size).toBe(3)
    well = true
    const dead = await waitFor(
      async () => {
        const { items } = await jsonOf(await fetch(`${gateway.adminUrl}/deadletters`))
        return items.length === 3 && items
      },
      { what: 'the dead letters' }
    )
    for (const { id } of dead) await fetch(`${gateway.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    await models.waitForRequests(9)
    const replayed = models.requests.slice(3).filter(({ url }) => url !== '/')
    expect(new Map(replayed.map(({ url, headers }) => [headers['x-request-id'], url]))).toEqual(before)
  })

  it('keeps its entry when the gateway is killed in the middle of the call', { timeout: 60_000 }, async () => {
    let hangs = true
    await using models = await startStep(async ({ signal }) => {
      if (hangs) await new Promise(resolve => signal.addEventListener('abort', resolve))
      return { body: 'ok' }
    })
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/t.db`
    const definition = { steps: steps([`${models.url}/a`, `${models.url}/b`, `${models.url}/c`], models.url), store }
    await using first = await startKillableGateway(definition)
    for (let n = 0; n < 3; n++) {
      const headers = { prefer: 'respond-async', 'x-request-id': `r${n}` }
      await fetch(`${first.url}/default/test`, { method: 'POST', body: '{}', headers })
    }
    await models.waitForRequests(3)
    const before = new Map(models.requests.map(({ url, headers }) => [headers['x-request-id'], url]))
    await first.kill9()
    hangs = false
    await using second = await startSuccessor(definition)
    expect(second.url).not.toBe(first.url)
    await models.waitForRequests(9)
    const again = models.requests.slice(3).filter(({ url }) => url !== '/')
    expect(new Map(again.map(({ url, headers }) => [headers['x-request-id'], url]))).toEqual(before)
  })
})

describe('sluice-tag', () => {
  it('picks an entry by the name or the path of its step, also for a stored request', async () => {
    await using models = await startStep(({ headers }) => ({ body: String(headers['sluice-tag'] ?? 'none') }))
    const traffic = [{ uri: `${models.url}/canary`, percent: 0, tag: 'canary' }]
    const step = { name: 'score', uri: `${models.url}/own`, traffic }
    const steps = [{ parallel: { branches: [{ name: 'b', steps: [step] }] }, name: 'fan' }]
    await using gateway = await startTestGateway({ steps })
    for (const tag of ['score=canary', ' fan/b/score = canary ']) {
      expect((await gateway.post('{}', { headers: { 'sluice-tag': tag } })).status).toBe(200)
    }
    const stored = { 'sluice-tag': 'score=canary', prefer: 'respond-async, wait=10' }
    expect((await gateway.post('{}', { headers: stored })).status).toBe(200)
    expect(models.requests.map(({ url, headers }) => `${url} ${String(headers['sluice-tag'])}`)).toEqual(
      Array.from({ length: 3 }, () => '/canary undefined')
    )
  })

  it.each(['score=nobody', 'other=canary', 'score', 'score=canary,score=nobody', ''])(
    'that names nothing is a 400: %s',
    async tag => {
      await using models = await startStep({ body: 'x' })
      const traffic = [{ uri: models.url, percent: 10, tag: 'canary' }]
      await using gateway = await startTestGateway({ steps: [{ name: 'score', uri: models.url, traffic }] })
      for (const more of [{}, { prefer: 'respond-async' }]) {
        const response = await gateway.post('{}', { headers: { 'sluice-tag': tag, ...more } })
        expect([response.status, (await jsonOf(response)).code]).toEqual([400, 'INVALID_REQUEST'])
      }
    }
  )
})

describe('a mirror', () => {
  it('gets one copy of each first attempt, and nobody sees what comes of it', async () => {
    await using shadow = await startStep(500)
    await using model = await startStep(503, 503, { body: 'ok' })
    const step = { uri: model.url, mirror: { uri: shadow.url }, delivery: { retry: 3, backoffDelay: '1ms' } }
    await using gateway = await startTestGateway({ steps: [step], spec: { limits: { maxCalls: 3 } } })
    expect(await (await gateway.post('{"n":1}')).text()).toBe('ok')
    const [copy] = await shadow.waitForRequests(1)
    expect(copy?.body.toString()).toBe('{"n":1}')
    expect(model.requests).toHaveLength(3)
    expect(shadow.requests).toHaveLength(1)
    const { items } = await jsonOf(await fetch(`${gateway.adminUrl}/breakers`))
    expect(JSON.stringify(items)).not.toContain(shadow.url)
  })

  it('gets no copy of the further calls of a hedge', async () => {
    await using shadow = await startStep({ body: 'ok' })
    await using model = await startStep(
      ({ signal }) => new Promise(resolve => signal.addEventListener('abort', () => resolve(200))),
      { body: 'ok' }
    )
    const step = { uri: model.url, mirror: { uri: shadow.url }, safe: true, hedge: { delay: '20ms' } }
    await using gateway = await startTestGateway({ steps: [step] })
    expect(await (await gateway.post()).text()).toBe('ok')
    expect(model.requests).toHaveLength(2)
    const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text()
    await waitFor(async () => (await metrics()).includes('sluice_mirror_calls_total{'), { what: 'the copy' })
    // A second copy would have been on its way before the answer.
    await gateway.post()
    await shadow.waitForRequests(2)
    expect(shadow.requests).toHaveLength(2)
  })

  it('gets its percent of the calls, no more than 64 at once, and holds up nobody', async () => {
    const hung = Promise.withResolvers<number>()
    await using shadow = await startStep(() => hung.promise)
    await using model = await startStep({ body: 'ok' })
    await using gateway = await startTestGateway({ steps: [{ uri: model.url, mirror: { uri: shadow.url } }] })
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await gateway.post()).status))
    expect(new Set(statuses)).toEqual(new Set([200]))
    await shadow.waitForRequests(64)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toMatch(/sluice_mirror_calls_total\{.*outcome="dropped"\} 36/)
    expect(shadow.requests).toHaveLength(64)
    hung.resolve(200)
    await using tenth = await startTestGateway({
      steps: [{ uri: model.url, mirror: { uri: `${model.url}/copy`, percent: 10 } }]
    })
    await Promise.all(Array.from({ length: 100 }, () => tenth.post()))
    await waitFor(() => model.requests.filter(({ url }) => url === '/copy').length === 10, { what: 'ten copies' })
  })
})
