import { describe, expect, it } from 'vitest'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit, submitBatch } from '../helpers/submit.ts'
import { replay } from '../replay/dead-letter-calls.ts'

const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': 'order' }
const past = '2020-01-01T00:00:00Z'
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const hang = () => new Promise<number>(() => {})

describe('an event whose expirytime', () => {
  it.each([{}, { prefer: 'respond-async' }, { 'idempotency-key': 'a' }])(
    'is over when it arrives is refused before it is accepted: %j',
    async headers => {
      await using echo = await startEchoGateway()
      const answer = await echo.gateway.post('{}', { headers: { ...event, 'ce-expirytime': past, ...headers } })
      expect([answer.status, await answer.json()]).toMatchObject([
        504,
        { code: 'DEADLINE_EXCEEDED', detail: expect.stringContaining(past) }
      ])
      expect(answer.headers.get('x-should-retry')).toBe('false')
      const { items } = (await (await fetch(`${echo.gateway.adminUrl}/requests`)).json()) as { items: object[] }
      expect([items, echo.step.requests]).toEqual([[], []])
    }
  )

  it('is over takes its whole batch with it', async () => {
    await using echo = await startEchoGateway()
    await expect(submitBatch(echo.gateway, [{}, { expirytime: past }])).rejects.toThrow('expected 202, got 504')
  })

  it('comes while a step is called ends that call', async () => {
    await using step = await startStep(hang)
    await using gateway = await startTestGateway({ steps: [step.url] })
    const answer = await gateway.post('{}', { headers: { ...event, 'ce-expirytime': inMs(1_000) } })
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'DEADLINE_EXCEEDED' }])
  })

  it('comes while it is stored ends it, and a replay does not heed it', async () => {
    await using step = await startStep(hang, { headers: { 'content-type': 'text/plain' }, body: 'done' })
    await using gateway = await startTestGateway({ steps: [step.url], config: { isStoreNamed: true } })
    const id = await submit(gateway, { headers: { ...event, 'ce-expirytime': inMs(1_000) } })
    expect(await ended(gateway, id)).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
    const { id: again } = await replay(gateway, id)
    expect(await ended(gateway, again)).toMatchObject({ status: 'replied' })
  })

  it('is to come is passed on, as is what is not a time', async () => {
    await using echo = await startEchoGateway()
    const later = inMs(60_000)
    for (const expirytime of [later, 'soon']) {
      expect((await echo.gateway.post('{}', { headers: { ...event, 'ce-expirytime': expirytime } })).status).toBe(200)
    }
    expect(echo.step.requests.map(({ headers }) => headers['ce-expirytime'])).toEqual([later, 'soon'])
  })
})
