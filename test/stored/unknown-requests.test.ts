import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { rawRequest } from '../helpers/raw-client.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const unknown = '01900000-0000-7000-8000-000000000000'

const asks = (id: string): readonly (readonly [string, string])[] => [
  ['GET', `/requests/${id}`],
  ['GET', `/requests/${id}/reply`],
  ['GET', `/requests/${id}/events`],
  ['DELETE', `/requests/${id}`]
]

const codes = async (gateway: StoredGateway, pipeline: string, id: string): Promise<readonly unknown[]> =>
  Promise.all(
    asks(id).map(async ([method, path]) => {
      const answer = await gateway.call(`/${pipeline}${path}`, { method })
      const { code } = (await answer.json()) as { code: string }
      return [answer.status, answer.headers.get('content-type'), code]
    })
  )

const times4 = (status: number, code: string) =>
  Array.from({ length: 4 }, () => [status, 'application/problem+json', code])

describe.each(storeKinds)('a request that is not there, on %s', kind => {
  const newStore = storesOf(kind)

  it('is 404', async () => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    expect(await codes(gateway, 'default/test', unknown)).toEqual(times4(404, 'REQUEST_NOT_FOUND'))
  })

  it('is 404 under another pipeline than its own', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id } = await gateway.accept()
    await gateway.until(id, 'replied')
    for (const pipeline of ['default/other', 'other/test', 'default/tes']) {
      expect(await codes(gateway, pipeline, id)).toEqual(times4(404, 'REQUEST_NOT_FOUND'))
    }
    expect(await gateway.status(id)).toMatchObject({ status: 'replied' })
  })

  it.each([
    '%00',
    '..%2f..%2fdeadletters',
    "'%20OR%201=1--",
    '%7Btag%7D',
    '*',
    '__proto__',
    'constructor',
    '%F0%9F%92%A5',
    'a%0d%0aset-cookie:%20b',
    'x'.repeat(4000)
  ])('is 404 whatever it is called: %s', async id => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id: known } = await gateway.accept()
    expect(await codes(gateway, 'default/test', id)).toEqual(times4(404, 'REQUEST_NOT_FOUND'))
    expect(await gateway.until(known, 'replied')).toMatchObject({ status: 'replied' })
  })

  it.each([
    ['%', 404],
    ['%zz', 404],
    ['%c3%28', 404],
    ['%2e%2e', 400],
    ['..', 400]
  ])('is no way out for an id that clients do not send: %s', async (id, expected) => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    const head = `GET /default/test/requests/${id} HTTP/1.1\r\nHost: x\r\nConnection: close`
    expect((await rawRequest(gateway.url, `${head}\r\n\r\n`)).status).toBe(expected)
  })

  it('is 410 when its time to live is over', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { ttl: '1ms' } }
    })
    const { id, links } = await gateway.accept()
    await waitFor(async () => (await gateway.call(links.self)).status === 410, { what: 'the request to expire' })
    expect(await codes(gateway, 'default/test', id)).toEqual(times4(410, 'REQUEST_EXPIRED'))
  })
})
