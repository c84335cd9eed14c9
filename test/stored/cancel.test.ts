import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const cancel = async (gateway: StoredGateway, path: string) => {
  const answer = await gateway.call(path, { method: 'DELETE' })
  return { status: answer.status, document: (await answer.json()) as Record<string, unknown> }
}

const never = () => new Promise<number>(() => {})

describe.each(storeKinds)('a request that is cancelled on %s', kind => {
  const newStore = storesOf(kind)

  it('is answered with its status, and its step call is aborted at once', async () => {
    await using echo = await startEchoStep()
    await using step = await startStep(never)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'echo', uri: echo.url },
        { name: 'endless', uri: step.url }
      ]
    })
    const { id, links } = await gateway.accept()
    const [call] = await step.waitForRequests(1)
    expect(await cancel(gateway, links.self)).toEqual({
      status: 200,
      document: {
        id,
        pipeline: 'default/test',
        generation: 1,
        status: 'cancelled',
        deliveries: 1,
        acceptedAt: expect.any(String),
        finishedAt: expect.any(String),
        steps: [
          expect.objectContaining({ name: 'echo', status: 'replied' }),
          expect.objectContaining({ name: 'endless', status: 'aborted' })
        ],
        links
      }
    })
    await waitFor(() => call?.signal.aborted, { what: 'the step call to be aborted', timeoutMs: 2_000 })
  })

  it('is never run when it was still waiting, and the next one is', async () => {
    await using step = await startStep(never, { body: 'done' })
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1 } }
    })
    const running = await gateway.accept('"running"')
    const waiting = await gateway.accept('"waiting"')
    const next = await gateway.accept('"next"')
    await step.waitForRequests(1)
    expect(await cancel(gateway, waiting.links.self)).toMatchObject({
      status: 200,
      document: { status: 'cancelled', deliveries: 0, steps: [] }
    })
    await cancel(gateway, running.links.self)
    await gateway.until(next.id, 'replied')
    expect(step.requests.map(({ body }) => body.toString())).toEqual(['"running"', '"next"'])
    expect(await gateway.status(waiting.id)).toMatchObject({ status: 'cancelled' })
  })

  it('is cancelled once, however often it is asked for', async () => {
    await using step = await startStep(never)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const first = await cancel(gateway, links.self)
    expect(first).toMatchObject({ status: 200, document: { status: 'cancelled' } })
    const more = await Promise.all(Array.from({ length: 5 }, () => cancel(gateway, links.self)))
    // Its steps are told as far as is known, which the run that it was taken from may still add to.
    const whole = ({ status, document }: typeof first) => ({ status, document: { ...document, steps: undefined } })
    for (const again of more) expect(whole(again)).toEqual(whole(first))
  })

  it('stays as it is when it is finished, and keeps its reply', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'kept' })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    const document = await gateway.until(id, 'replied')
    expect(await cancel(gateway, links.self)).toEqual({ status: 200, document })
    expect(await (await gateway.call(links.reply)).text()).toBe('kept')
  })

  it('is told to a caller who waits for its reply', async () => {
    await using step = await startStep(never)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { stored: true } }
    })
    const waiting = gateway.post('{}', { headers: { 'idempotency-key': 'a' } })
    await step.waitForRequests(1)
    const { id } = await gateway.accept('{}', { 'idempotency-key': 'a' })
    await cancel(gateway, `/default/test/requests/${id}`)
    const answer = await waiting
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'REQUEST_NOT_FOUND', requestId: id }])
  })

  it('is no dead letter', async () => {
    await using step = await startStep(never)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    await step.waitForRequests(1)
    await cancel(gateway, links.self)
    const letters = (await (await fetch(`${gateway.adminUrl}/deadletters`)).json()) as { items: unknown[] }
    expect(letters.items).toEqual([])
  })
})
