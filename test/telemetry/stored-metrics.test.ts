import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { acceptClaimed, aRequest, shortLease } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const async = { headers: { prefer: 'respond-async' } }

/** The samples of a metric, as they stand in the exposition. */
async function samplesOf({ adminUrl }: TestGateway, name: string): Promise<readonly string[]> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return text.split('\n').filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
}

/** Waits until the samples of the metric are these. */
const samplesToBe = (gateway: TestGateway, name: string, samples: readonly string[]): Promise<void> =>
  waitFor(
    async () => {
      expect(await samplesOf(gateway, name)).toEqual(samples)
      return true
    },
    { what: `${name} to be ${samples.join(', ')}` }
  ).then(() => undefined)

it('count dead letters by their code', async () => {
  await using step = await startStep(400, 503, 503)
  const steps = [{ uri: step.url, delivery: { ...atOnce, retry: 0 } }]
  await using gateway = await startTestGateway({ steps })
  expect(await samplesOf(gateway, 'sluice_deadletters_total')).toEqual([])
  for (let i = 0; i < 3; i++) await gateway.post('{}', async)
  await samplesToBe(gateway, 'sluice_deadletters_total', ['sluice_deadletters_total{reason="STEP_FAILED"} 3'])
})

it('count no dead letter for a caller who waits and gets the error', async () => {
  await using step = await startStep(400)
  await using gateway = await startTestGateway({ steps: [step.url] })
  expect((await gateway.post()).status).toBe(502)
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
