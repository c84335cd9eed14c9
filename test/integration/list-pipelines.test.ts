import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'

const unreached = 'http://127.0.0.1:9'

describe('GET /', () => {
  it('is a list of what is served, with URLs by which the caller came', async () => {
    await using gateway = await startTestGateway({ steps: [{ name: 'filter', uri: unreached }, { uri: unreached }] })
    const port = new URL(gateway.url).port
    const response = await fetch(`http://localhost:${port}/`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    const url = `http://localhost:${port}/default/test`
    const steps = ['filter', 'step-2']
    expect(await response.json()).toEqual({ items: [{ namespace: 'default', name: 'test', url, steps }], next: null })
  })

  it.each([
    ['curl', { 'user-agent': 'curl/8.5.0' }],
    ['who asks for text', { accept: 'text/plain' }]
  ])('is text for %s', async (_who, headers) => {
    await using gateway = await startTestGateway({ steps: [{ name: 'filter', uri: unreached }, { uri: unreached }] })
    const response = await fetch(gateway.url, { headers })
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toBe(`test  ${gateway.url}/default/test  filter → step-2\n`)
  })

  it('is JSON for curl that asks for it', async () => {
    await using gateway = await startTestGateway({ steps: [unreached] })
    const response = await fetch(gateway.url, { headers: { 'user-agent': 'curl/8.5.0', accept: 'application/json' } })
    expect(await response.json()).toMatchObject({ items: [{ name: 'test' }] })
  })

  it('is only for callers who are let in', async () => {
    await using gateway = await startTestGateway({ steps: [unreached], config: { authToken: 't0ken' } })
    expect((await fetch(gateway.url)).status).toBe(401)
    expect((await fetch(gateway.url, { headers: { authorization: 'Bearer t0ken' } })).status).toBe(200)
  })
})

describe('a pipeline that there is not', () => {
  it.each([
    ['/default/tset', 'did you mean /default/test?'],
    ['/shop/test', 'did you mean /default/test?'],
    ['/defualt/tst', 'did you mean /default/test?'],
    ['/test', 'did you mean /default/test?'],
    ['/default/something-else', 'GET / lists what is served here'],
    ['/a/b/c/d', 'GET / lists what is served here']
  ])('is answered at %s by: %s', async (path, advice) => {
    await using gateway = await startTestGateway({ steps: [unreached] })
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', body: '{}' })
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { code: 'PIPELINE_NOT_FOUND', detail: expect.stringContaining(`; ${advice}`) }
    ])
  })
})

it('says of a body that is too large which field limits it', async () => {
  await using gateway = await startTestGateway({ steps: [unreached], spec: { limits: { maxBodyBytes: 4 } } })
  const response = await gateway.post('{"a":1}')
  expect([response.status, await response.json()]).toMatchObject([
    413,
    { detail: 'the body is larger than the 4 bytes of spec.limits.maxBodyBytes' }
  ])
})
