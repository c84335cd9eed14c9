import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { aDefinition, api, pathOf, statusWhen } from './apis.ts'

const post = ({ url }: Gateway, name: string, headers: Record<string, string> = {}, body = '{}'): Promise<Response> =>
  fetch(`${url}/default/${name}`, { method: 'POST', body, headers })

const async = { prefer: 'respond-async' }
const batch = { 'content-type': 'application/cloudevents-batch+json' }
const anEvent = (id: string) => ({ specversion: '1.0', id, source: '/test', type: 't', data: {} })

/** The link of a request, which is accepted. */
async function accept(gateway: Gateway, name: string, headers: Record<string, string> = async): Promise<string> {
  const answer = await post(gateway, name, headers)
  expect(answer.status).toBe(202)
  return String(answer.headers.get('location'))
}

// oxlint-disable-next-line typescript/no-explicit-any
const documentOf = async ({ url }: Gateway, link: string, wait = 0): Promise<any> =>
  (await fetch(url + link, { headers: { prefer: `wait=${wait}` } })).json()

const waits = { status: 'accepted', waiting: { reason: 'dependency' } }
const refused = { status: 503, code: 'PIPELINE_NOT_READY' }

const phaseIs = (gateway: Gateway, name: string, wanted: string) =>
  statusWhen(gateway, name, ({ phase }) => phase === wanted, wanted)

describe.each(storeKinds)('on %s, a pipeline that lacks another one', kind => {
  const newStore = storesOf(kind)

  it('accepts what is answered 202, which waits, and turns away every caller who waits', async () => {
    await using step = await startStep({ body: 'done' })
    await using gateway = await startGateway(testConfig({ store: newStore() }))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], { dependsOn: ['b'] }))
    await phaseIs(gateway, 'a', 'Pending')
    const links = [await accept(gateway, 'a'), await accept(gateway, 'a', { prefer: 'respond-async, wait=1' })]
    const events = await post(gateway, 'a', batch, JSON.stringify([anEvent('1'), anEvent('2')]))
    expect(events.status).toBe(202)
    const { items } = (await events.json()) as { items: { links: { self: string } }[] }
    for (const { links: of } of items) links.push(of.self)
    for (const link of links) expect(await documentOf(gateway, link)).toMatchObject(waits)
    for (const headers of [{}, { 'idempotency-key': 'k' }]) {
      const answer = await post(gateway, 'a', headers)
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await answer.json()).toMatchObject(refused)
    }
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [step.url]))
    for (const link of links) {
      expect(await documentOf(gateway, link, 30)).toMatchObject({ status: 'replied', deliveries: 1 })
    }
    expect(step.requests).toHaveLength(links.length)
    // The key was not taken by the caller who was turned away.
    expect((await post(gateway, 'a', { 'idempotency-key': 'k' })).status).toBe(200)
  })

  it('gives what was accepted before a nested one was there to the first generation that has it', async () => {
    await using step = await startStep(({ url }) => ({ body: url }))
    const store = newStore()
    let link: string
    {
      await using gateway = await startGateway(testConfig({ store }))
      await api(gateway, 'PUT', pathOf('outer'), aDefinition('outer', [{ name: 'n', pipeline: 'inner' }]))
      await phaseIs(gateway, 'outer', 'Pending')
      link = await accept(gateway, 'outer')
      expect(await documentOf(gateway, link)).toMatchObject({ ...waits, generation: 1 })
    }
    await using gateway = await startGateway(testConfig({ store }))
    await phaseIs(gateway, 'outer', 'Pending')
    expect(await documentOf(gateway, link)).toMatchObject(waits)
    await api(gateway, 'PUT', pathOf('inner'), aDefinition('inner', [`${step.url}/inner`]))
    expect(await documentOf(gateway, link, 30)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect(await (await fetch(`${gateway.url}${link}/reply`)).text()).toBe('/inner')
  })

  it('is not ready for anything while a ref of its own has no address', async () => {
    const ref = { apiVersion: 'v1', kind: 'Service', name: 'nowhere' }
    await using gateway = await startGateway(testConfig({ store: newStore() }))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [{ ref }], { dependsOn: ['b'] }))
    await phaseIs(gateway, 'a', 'Pending')
    expect(await (await post(gateway, 'a', async)).json()).toMatchObject(refused)
  })
})

describe.each(storeKinds)('on %s, a request that repeats one which has ended', kind => {
  const newStore = storesOf(kind)

  it('is answered by a paused pipeline, and by one that lacks another', async () => {
    await using step = await startStep({ body: 'done' })
    await using gateway = await startGateway(testConfig({ store: newStore() }))
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [step.url]))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], { dependsOn: ['b'] }))
    await phaseIs(gateway, 'a', 'Running')
    const known = { 'idempotency-key': 'known' }
    expect(await (await post(gateway, 'a', known)).text()).toBe('done')
    const answered = async (): Promise<void> => {
      const again = await post(gateway, 'a', known)
      expect([again.status, await again.text()]).toEqual([200, 'done'])
      expect((await post(gateway, 'a', { 'idempotency-key': 'new' })).status).toBe(503)
    }
    await api(gateway, 'PATCH', pathOf('a'), { spec: { lifecycle: { desiredPhase: 'Paused' } } })
    await phaseIs(gateway, 'a', 'Paused')
    await answered()
    await api(gateway, 'PATCH', pathOf('a'), { spec: { lifecycle: { desiredPhase: 'Running' } } })
    await phaseIs(gateway, 'a', 'Running')
    await api(gateway, 'DELETE', `${pathOf('b')}?force=true`)
    await phaseIs(gateway, 'a', 'Pending')
    await answered()
    await waitFor(() => step.requests.length === 1, { what: 'one call in all' })
  })
})
