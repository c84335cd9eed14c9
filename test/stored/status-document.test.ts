import { describe, expect, it } from 'vitest'
import { atOnce } from '../helpers/gateway.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const linksOf = (id: string) => ({
  self: `/default/test/requests/${id}`,
  reply: `/default/test/requests/${id}/reply`,
  events: `/default/test/requests/${id}/events`
})

describe.each(storeKinds)('the status document on %s', kind => {
  const newStore = storesOf(kind)

  it('names the step that runs, and those that were visited', async () => {
    const gate = createGate()
    await using first = await startEchoStep()
    await using second = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'first', uri: first.url },
        { name: 'second', uri: second.url }
      ]
    })
    const { id } = await gateway.accept()
    await second.waitForRequests(1)
    expect(await gateway.status(id)).toEqual({
      id,
      pipeline: 'default/test',
      generation: 1,
      status: 'running',
      step: 'second',
      path: 'second',
      deliveries: 1,
      acceptedAt: time,
      steps: [
        { name: 'first', path: 'first', status: 'replied', attempts: 1, startedAt: time, finishedAt: time },
        { name: 'second', path: 'second', status: 'running', attempts: 1, startedAt: time }
      ],
      links: linksOf(id)
    })
    gate.open()
    await gateway.until(id, 'replied')
  })

  it('tells how a request went that replied', async () => {
    await using flaky = await startStep(503, 503, { body: 'done' })
    await using echo = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'flaky', uri: flaky.url },
        { name: 'skipped', uri: echo.url, when: 'false' },
        { name: 'echo', uri: echo.url }
      ],
      spec: { delivery: { retry: 3, ...atOnce } }
    })
    const { id } = await gateway.accept()
    const document = await gateway.until(id, 'replied')
    expect(document).toEqual({
      id,
      pipeline: 'default/test',
      generation: 1,
      status: 'replied',
      deliveries: 1,
      acceptedAt: time,
      finishedAt: time,
      steps: [
        { name: 'flaky', path: 'flaky', status: 'replied', attempts: 3, startedAt: time, finishedAt: time },
        { name: 'skipped', path: 'skipped', status: 'skipped', attempts: 0, startedAt: time, finishedAt: time },
        { name: 'echo', path: 'echo', status: 'replied', attempts: 1, startedAt: time, finishedAt: time }
      ],
      links: linksOf(id)
    })
    const ends = document.steps.map(({ finishedAt = '' }) => finishedAt)
    expect(ends).toEqual(ends.toSorted((a, b) => a.localeCompare(b)))
  })

  it('tells why a request failed', async () => {
    await using echo = await startEchoStep()
    await using broken = await startStep(500)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'echo', uri: echo.url },
        { name: 'broken', uri: broken.url }
      ],
      spec: { delivery: { retry: 1, ...atOnce } }
    })
    const { id } = await gateway.accept()
    expect(await gateway.until(id, 'failed')).toEqual({
      id,
      pipeline: 'default/test',
      generation: 1,
      status: 'failed',
      deliveries: 1,
      acceptedAt: time,
      finishedAt: time,
      error: {
        code: 'STEP_FAILED',
        detail: expect.stringContaining('answered 500'),
        step: 'broken',
        path: 'broken',
        attempts: 2,
        upstreamStatus: 500
      },
      steps: [
        { name: 'echo', path: 'echo', status: 'replied', attempts: 1, startedAt: time, finishedAt: time },
        { name: 'broken', path: 'broken', status: 'failed', attempts: 2, startedAt: time, finishedAt: time }
      ],
      links: linksOf(id)
    })
  })

  it('names the step that filtered', async () => {
    await using step = await startStep(204)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'filter', uri: step.url }] })
    const { id } = await gateway.accept()
    expect(await gateway.until(id, 'filtered')).toMatchObject({ steps: [{ name: 'filter', status: 'filtered' }] })
  })

  it('of a replay names the request that is replayed', async () => {
    await using step = await startStep(400, { body: 'done' })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    const answer = await fetch(`${gateway.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    const replay = (await answer.json()) as { id: string }
    expect(await gateway.until(replay.id, 'replied')).toMatchObject({ id: replay.id, replayOf: id })
  })
})

describe('a request that waits for its turn', () => {
  const newStore = storesOf('SQLite')

  it('is accepted, and names the step that comes first', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'slow', uri: step.url }],
      spec: { limits: { maxInFlight: 1 } }
    })
    await gateway.accept()
    const { id } = await gateway.accept()
    expect(await gateway.status(id)).toEqual({
      id,
      pipeline: 'default/test',
      generation: 1,
      status: 'accepted',
      step: 'slow',
      path: 'slow',
      waiting: { reason: 'queue', since: time },
      deliveries: 0,
      acceptedAt: time,
      steps: [],
      links: linksOf(id)
    })
  })
})
