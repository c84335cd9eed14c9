import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

describe.each(storeKinds)('a status that is waited for, on %s', kind => {
  const newStore = storesOf(kind)

  it('is answered when the request has come to its end, past every step', async () => {
    const gate = createGate()
    await using echo = await startEchoStep()
    await using slow = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [echo.url, echo.url, slow.url] })
    const { links } = await gateway.accept()
    const waiting = gateway.call(links.self, { headers: { prefer: 'wait=30' } })
    await slow.waitForRequests(1)
    gate.open()
    expect(await (await waiting).json()).toMatchObject({ status: 'replied', steps: [{}, {}, {}] })
  })

  it('is answered as it stands when the time is over', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const begun = performance.now()
    const answer = await gateway.call(links.self, { headers: { prefer: 'wait=1' } })
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'running' }])
    expect(performance.now() - begun).toBeGreaterThan(900)
  })

  it('is answered at once when there is nothing to wait for', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'replied')
    const answer = await gateway.call(links.self, { headers: { prefer: 'wait=600' } })
    expect(await answer.json()).toMatchObject({ status: 'replied' })
  })

  it('is told to all who wait, when somebody cancels', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const waiting = Array.from({ length: 10 }, () => gateway.call(links.self, { headers: { prefer: 'wait=30' } }))
    await step.waitForRequests(1)
    await gateway.call(links.self, { method: 'DELETE' })
    for (const answer of await Promise.all(waiting)) expect(await answer.json()).toMatchObject({ status: 'cancelled' })
  })
})
