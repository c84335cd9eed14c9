import { describe, expect, it } from 'vitest'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { freePort } from '../helpers/loopback.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'

describe('sluice-hops', () => {
  it('is one more for each gateway, in what steps, fallbacks and sinks get', async () => {
    await using step = await startStep(400)
    await using sink = await startStep(202)
    const delivery = { deadLetterSink: { uri: sink.url } }
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery }] })
    await gateway.post('{}', { headers: { 'sluice-hops': '4' } })
    await sink.waitForRequests(1)
    expect([step, sink].map(({ requests }) => requests[0]?.headers['sluice-hops'])).toEqual(['5', '5'])
  })

  it('is kept with a stored request, its reply and its sink included', async () => {
    await using step = await startStep({ body: 'done' })
    await using destination = await startStep(202)
    await using gateway = await startTestGateway({ steps: [step.url], spec: { reply: { uri: destination.url } } })
    await submit(gateway, { headers: { 'sluice-hops': '2' } })
    await destination.waitForRequests(1)
    expect([step, destination].map(({ requests }) => requests[0]?.headers['sluice-hops'])).toEqual(['3', '3'])
  })

  it.each([{}, { prefer: 'respond-async' }])('is served up to 31, and is a loop from 32 on: %j', async headers => {
    await using echo = await startEchoGateway()
    const ask = (hops: string) => echo.gateway.post('{}', { headers: { ...headers, 'sluice-hops': hops } })
    expect((await ask('31')).ok).toBe(true)
    const answer = await ask('32')
    expect([answer.status, await answer.json()]).toMatchObject([
      508,
      { code: 'LOOP_DETECTED', pipeline: 'default/test' }
    ])
    expect(answer.headers.get('x-should-retry')).toBe('false')
    await echo.step.waitForRequests(1)
    expect(echo.step.requests).toHaveLength(1)
  })
})

describe('a pipeline that calls itself', () => {
  it('is told so after 32 rounds, which no gateway on the way repeats', async () => {
    const port = await freePort()
    const steps = [{ uri: `http://127.0.0.1:${port}/default/test`, delivery: atOnce }]
    await using gateway = await startTestGateway({ steps, config: { port } })
    const answer = await gateway.post()
    expect(answer.status).toBe(502)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain('sluice_requests_total{pipeline="default/test",mode="sync",outcome="failed"} 32\n')
  })

  it('ends though its requests are stored', async () => {
    const port = await freePort()
    await using step = await startStep({ body: 'done' })
    const spec = { reply: { uri: `http://127.0.0.1:${port}/default/test` }, delivery: { retry: 0, ...atOnce } }
    await using gateway = await startTestGateway({ steps: [step.url], spec, config: { port } })
    await ended(gateway, await submit(gateway))
    await step.waitForRequests(32)
    const dead = async () =>
      ((await (await fetch(`${gateway.adminUrl}/deadletters`)).json()) as { items: object[] }).items
    await expect.poll(dead).toHaveLength(1)
    expect(step.requests).toHaveLength(32)
  })
})
