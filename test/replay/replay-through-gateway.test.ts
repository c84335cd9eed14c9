import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { letterOf, openLetters, replay } from './dead-letter-calls.ts'
import { stores } from '../mover/stores.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

describe.each(stores)('a replay, with $store', ({ open }) => {
  /** Two steps, of which the second fails until it is well. */
  async function startFailing() {
    await using opened = new AsyncDisposableStack()
    const health = { well: false }
    const store = opened.use(await open())
    const one = opened.use(await startStep(json({ from: 'one' })))
    const two = opened.use(await startStep(({ body }) => (health.well ? { ...json(0), body } : 400)))
    const gateway = opened.use(await startTestGateway({ steps: [one.url, two.url], config: store.config }))
    const id = await submit(gateway, { data: 'original' })
    await ended(gateway, id)
    const owned = opened.move()
    return { health, one, two, gateway, id, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  it('from the failed step calls no earlier one, and closes the dead letter', async () => {
    await using under = await startFailing()
    const { health, one, two, gateway, id } = under
    health.well = true
    const { id: replayId } = await replay(gateway, id)
    expect(await ended(gateway, replayId)).toMatchObject({ status: 'replied', replayOf: id })
    expect([one.requests.length, two.requests.length]).toEqual([1, 2])
    expect(two.requests[1]?.body).toEqual(two.requests[0]?.body)
    expect(await letterOf(gateway, id)).toMatchObject({ replayedAs: replayId, closed: true })
    expect(await openLetters(gateway)).toEqual([])
  })

  it('from the start calls all of them, with the original event', async () => {
    await using under = await startFailing()
    const { health, one, two, gateway, id } = under
    health.well = true
    const { id: replayId } = await replay(gateway, id, '?from=start')
    expect(await ended(gateway, replayId)).toMatchObject({ status: 'replied', replayOf: id })
    expect([one.requests.length, two.requests.length]).toEqual([2, 2])
    expect(one.requests[1]?.body.toString()).toBe('"original"')
    expect(one.requests[1]?.headers['ce-id']).toBe(id)
  })

  it('asked for twice is one', async () => {
    await using under = await startFailing()
    const { health, two, gateway, id } = under
    health.well = true
    const asked = await Promise.all([replay(gateway, id), replay(gateway, id)])
    expect(asked.filter(({ repeated }) => repeated)).toHaveLength(1)
    const [replayId = ''] = new Set(asked.map(one => one.id))
    await ended(gateway, replayId)
    expect(await replay(gateway, id)).toMatchObject({ id: replayId, repeated: true })
    expect(two.requests).toHaveLength(2)
  })

  it('that fails is a dead letter too, whose replay closes both', async () => {
    await using under = await startFailing()
    const { health, gateway, id } = under
    const { id: failed } = await replay(gateway, id)
    await ended(gateway, failed)
    expect(await openLetters(gateway)).toEqual([id, failed])
    health.well = true
    const { id: good } = await replay(gateway, failed)
    await ended(gateway, good)
    expect(await openLetters(gateway)).toEqual([])
    expect(await letterOf(gateway, id)).toMatchObject({ closed: true, replayedAs: good })
  })

  it('that was cancelled can be done again', async () => {
    const gate = createGate()
    await using store = await open()
    await using model = await startStep(400, () => gate.opened.then(() => 500), { body: 'done' })
    await using gateway = await startTestGateway({ steps: [model.url], config: store.config })
    const id = await submit(gateway)
    await ended(gateway, id)
    const first = await replay(gateway, id)
    await model.waitForRequests(2)
    await fetch(`${gateway.url}/default/test/requests/${first.id}`, { method: 'DELETE' })
    expect(await ended(gateway, first.id)).toMatchObject({ status: 'cancelled' })
    const second = await replay(gateway, id)
    expect(second.repeated).toBe(false)
    expect(await ended(gateway, second.id)).toMatchObject({ status: 'replied' })
    expect(await openLetters(gateway)).toEqual([])
    gate.open()
  })
})
