import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storesOf } from './stores.ts'

describe('the routes of a request', () => {
  const newStore = storesOf('SQLite')

  it.each([
    { route: '', wrong: ['POST', 'PUT', 'PATCH', 'OPTIONS'], allow: 'GET, DELETE' },
    { route: '/reply', wrong: ['POST', 'PUT', 'DELETE'], allow: 'GET' },
    { route: '/events', wrong: ['POST', 'PUT', 'DELETE'], allow: 'GET' }
  ])('say which methods they take: $allow for …/requests/{id}$route', async ({ route, wrong, allow }) => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    for (const method of wrong) {
      const answer = await gateway.call(links.self + route, { method })
      expect([answer.status, answer.headers.get('allow'), await answer.json()]).toMatchObject([
        405,
        allow,
        { code: 'METHOD_NOT_ALLOWED', pipeline: 'default/test' }
      ])
    }
    expect(await gateway.until(id, 'replied')).toMatchObject({ id })
  })

  it('are no others', async () => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    for (const path of ['/default/test/requests', '/default/test/requests/', '/default/test/requests/a/steps']) {
      expect((await gateway.call(path)).status).toBe(404)
    }
  })

  it('want the token of the data plane', async () => {
    await using gateway = await startStoredGateway(newStore(), {
      steps: ['http://127.0.0.1:1'],
      config: { authToken: 's3cret' }
    })
    for (const [method, route] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/reply'],
      ['GET', '/events']
    ] as const) {
      const path = `/default/test/requests/a${route}`
      expect((await gateway.call(path, { method })).status).toBe(401)
      expect((await gateway.call(path, { method, headers: { authorization: 'Bearer s3cret' } })).status).toBe(404)
    }
  })
})
