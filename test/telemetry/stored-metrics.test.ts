import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { createGate } from '../helpers/gate.ts'
import { atOnce, pipelineText, startTestGateway, testConfig, type TestGateway } from '../helpers/gateway.ts'
import { acceptClaimed, aRequest, shortLease } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const async = { headers: { prefer: 'respond-async' } }

/** The samples of a metric, as they stand in the exposition. */
async function samplesOf({ adminUrl }: Pick<Gateway, 'adminUrl'>, name: string): Promise<readonly string[]> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return text.split('\n').filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
}

/** Waits until the samples of the metric are these. */
const samplesToBe = (gateway: Pick<Gateway, 'adminUrl'>, name: string, samples: readonly string[]): Promise<void> =>
  waitFor(
    async () => {
      expect((await samplesOf(gateway, name)).toSorted()).toEqual(samples.toSorted())
      return true
    },
    { what: `${name} to be ${samples.join(', ')}` }
  ).then(() => undefined)

it('count dead letters by their pipeline and code, and tell those that are open', async () => {
  await using step = await startStep(400, 503, 503)
  const steps = [{ uri: step.url, delivery: { ...atOnce, retry: 0 } }]
  await using gateway = await startTestGateway({ steps })
  expect(await samplesOf(gateway, 'sluice_deadletters_total')).toEqual([])
  for (let i = 0; i < 3; i++) await gateway.post('{}', async)
  await samplesToBe(gateway, 'sluice_deadletters_total', [
    'sluice_deadletters_total{pipeline="default/test",reason="STEP_FAILED"} 2',
    'sluice_deadletters_total{pipeline="default/test",reason="STEP_REJECTED"} 1'
  ])
  await samplesToBe(gateway, 'sluice_deadletters', ['sluice_deadletters{pipeline="default/test"} 3'])
})

it('count no dead letter for a caller who waits and gets the error', async () => {
  await using step = await startStep(400)
  await using gateway = await startTestGateway({ steps: [step.url] })
  expect((await gateway.post()).status).toBe(422)
  expect(await samplesOf(gateway, 'sluice_deadletters_total')).toEqual([])
})

it('count the requests that were taken over from an owner that died', async () => {
  await using folder = await createTempFolder()
  const path = join(folder.path, 'test.db')
  const pipeline = 'default/test'
  {
    await using ledger = await openSqliteLedger({ path })
    await acceptClaimed(ledger, aRequest({ pipeline }), shortLease)
    await ledger.accept([aRequest({ pipeline })])
  }
  await using step = await startStep(200)
  await using gateway = await startTestGateway({ steps: [step.url], config: { store: `sqlite:${path}` } })
  await step.waitForRequests(2)
  await samplesToBe(gateway, 'sluice_lease_expired_total', ['sluice_lease_expired_total 1'])
})

it('count what a full queue refuses, a batch as one', async () => {
  await using step = await startStep(() => new Promise<number>(() => {}))
  const limits = { maxInFlight: 1, maxQueued: 1 }
  await using gateway = await startTestGateway({ steps: [step.url], spec: { limits }, config: { shutdownGraceMs: 0 } })
  await gateway.post('{}', async)
  await step.waitForRequests(1)
  await gateway.post('{}', async)
  expect(await samplesOf(gateway, 'sluice_shed_total')).toEqual([])
  expect((await gateway.post('{}', async)).status).toBe(429)
  const events = ['a', 'b'].map(id => ({ specversion: '1.0', id, source: '/s', type: 't' }))
  const batch = { headers: { 'content-type': 'application/cloudevents-batch+json' } }
  expect((await gateway.post(JSON.stringify(events), batch)).status).toBe(429)
  expect(await samplesOf(gateway, 'sluice_shed_total')).toEqual(['sluice_shed_total{reason="QUEUE_FULL"} 2'])
})

it('count what was to be stored while the store is away, and nothing else', async () => {
  await using redis = await startRedis()
  await using step = await startStep(200)
  await using gateway = await startTestGateway({ steps: [step.url], config: { store: redis.url } })
  await redis.kill9()
  expect((await gateway.post('{}', async)).status).toBe(503)
  expect((await fetch(`${gateway.url}/default/test/requests/0`)).status).toBe(503)
  expect((await gateway.post()).status).toBe(204)
  expect(await samplesOf(gateway, 'sluice_shed_total')).toEqual(['sluice_shed_total{reason="STORE_UNAVAILABLE"} 1'])
})

const ended = (outcome: string, count: number): string =>
  `sluice_requests_total{pipeline="default/test",mode="async",outcome="${outcome}"} ${count}`

/** Accepts a request; gives its path. */
const accept = async (gateway: TestGateway): Promise<string> =>
  (await gateway.post('{}', async)).headers.get('location') ?? ''

it('count what is cancelled once, be it queued or running, however often it is asked for', async () => {
  await using step = await startStep(() => new Promise<number>(() => {}))
  await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight: 1 } } })
  const cancel = (path: string) => fetch(gateway.url + path, { method: 'DELETE' })
  const [running, queued] = [await accept(gateway), await accept(gateway)]
  await step.waitForRequests(1)
  await cancel(queued)
  expect(await samplesOf(gateway, 'sluice_requests_total')).toEqual([ended('cancelled', 1)])
  await cancel(running)
  await cancel(running)
  await samplesToBe(gateway, 'sluice_inflight', ['sluice_inflight{pipeline="default/test"} 0'])
  expect(await samplesOf(gateway, 'sluice_requests_total')).toEqual([ended('cancelled', 2)])
})

it('count what is cancelled while it waits for a breaker', async () => {
  await using step = await startStep(503)
  const steps = [{ uri: step.url, circuitBreaker: { volumeThreshold: 1 }, delivery: { retry: 0 } }]
  await using gateway = await startTestGateway({ steps })
  expect((await gateway.post()).status).toBe(502)
  const held = await accept(gateway)
  const deliveries = async () => (await fetch(gateway.url + held)).text()
  await waitFor(async () => (await deliveries()).includes('"status":"accepted"'), { what: 'the request to be held' })
  await fetch(gateway.url + held, { method: 'DELETE' })
  const samples = await samplesOf(gateway, 'sluice_requests_total')
  expect(samples.filter(sample => sample.includes('async'))).toEqual([ended('cancelled', 1)])
})

it('count one outcome of what is cancelled when its reply is there already, and is settled too late', async () => {
  await using folder = await createTempFolder()
  await using step = await startStep({ body: '{}' })
  const [reached, gate] = [createGate(), createGate()]
  const holdSettlement = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name: keyof Ledger) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'settle') return value.bind(target)
        return async (...args: Parameters<Ledger['settle']>) => {
          reached.open()
          await gate.opened
          return target.settle(...args)
        }
      }
    })
  const config = testConfig({ files: [await folder.write('test.json', pipelineText([step.url]))] })
  await using gateway = await startGateway(config, { decorate: holdSettlement })
  const answer = await fetch(`${gateway.url}/default/test`, { method: 'POST', body: '{}', ...async })
  await reached.opened
  await fetch(gateway.url + answer.headers.get('location'), { method: 'DELETE' })
  gate.open()
  await samplesToBe(gateway, 'sluice_buffer_usage', [
    'sluice_buffer_usage{buffer="intake"} 0',
    'sluice_buffer_usage{buffer="processing"} 0',
    'sluice_buffer_usage{buffer="output"} 0'
  ])
  expect(await samplesOf(gateway, 'sluice_requests_total')).toEqual([ended('cancelled', 1)])
})

it('count what a breaker puts back as held, and as failed only what ends so', async () => {
  await using step = await startStep(503)
  const steps = [{ name: 'model', uri: step.url, circuitBreaker: { volumeThreshold: 1 }, delivery: { retry: 0 } }]
  await using gateway = await startTestGateway({ steps })
  expect((await gateway.post()).status).toBe(502)
  await accept(gateway)
  const counts = async () =>
    (await samplesOf(gateway, 'sluice_step_duration_seconds_count')).map(sample =>
      sample.slice(sample.indexOf('outcome'))
    )
  await waitFor(async () => (await counts()).length > 1, { what: 'the request to be held' })
  const [failed, held] = await counts()
  expect([failed, held?.replace(/\d+$/, 'n')]).toEqual(['outcome="failed"} 1', 'outcome="held"} n'])
  expect(await samplesOf(gateway, 'sluice_requests_total')).toEqual([
    'sluice_requests_total{pipeline="default/test",mode="sync",outcome="failed"} 1'
  ])
})

it('tell how long stored requests took since they were accepted', async () => {
  await using step = await startStep(503, { body: '{}' })
  const circuitBreaker = { volumeThreshold: 1, resetTimeout: '1s' }
  const steps = [{ uri: step.url, circuitBreaker, delivery: { retry: 0 } }]
  await using gateway = await startTestGateway({ steps, config: { isStoreNamed: true } })
  expect((await gateway.post()).status).toBe(502)
  await accept(gateway)
  const name = 'sluice_request_duration_seconds_sum'
  const lasted = await waitFor(
    async () => (await samplesOf(gateway, name)).find(sample => sample.includes('mode="async",outcome="replied"')),
    { what: 'the reply' }
  )
  expect(Number(lasted.split(' ')[1])).toBeGreaterThan(0.5)
})
