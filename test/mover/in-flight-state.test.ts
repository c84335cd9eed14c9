import { expect, it } from 'vitest'
import { inFlightState } from '../../src/mover/in-flight-state.ts'
import { createGate } from '../helpers/gate.ts'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const async = { headers: { prefer: 'respond-async' } }

/** A document; it is what the test says it is. */
// oxlint-disable-next-line typescript/no-explicit-any
const get = async (url: string): Promise<any> => (await fetch(url)).json()

/** The only request, as `/requests` of the admin plane has it. */
const onlyRequest = async ({ adminUrl }: TestGateway) => (await get(`${adminUrl}/requests`)).items[0]

it('of a request is its stage, its step, the attempt, and since when', async () => {
  const [first, second] = [createGate(), createGate()]
  await using filter = await startStep(503, async () => {
    await first.opened
    return { body: '{}' }
  })
  await using model = await startStep(async () => {
    await second.opened
    return { body: '{}' }
  })
  await using gateway = await startTestGateway({
    steps: [
      { name: 'filter', uri: filter.url, delivery: atOnce },
      { name: 'model', uri: model.url }
    ]
  })
  const before = Date.now()
  await gateway.post('{}', async)
  const step = async () => (await get(gateway.url + (await onlyRequest(gateway)).links.self)).step
  await filter.waitForRequests(2)
  const { inFlight } = await onlyRequest(gateway)
  expect(inFlight).toEqual({
    stage: 'processing',
    step: 'filter',
    attempt: 2,
    startedAt: expect.any(String),
    waitingFor: []
  })
  expect(Date.parse(inFlight.startedAt)).toBeGreaterThanOrEqual(before - 1_000)
  expect(await step()).toBe('filter')

  first.open()
  await model.waitForRequests(1)
  expect((await onlyRequest(gateway)).inFlight).toMatchObject({ step: 'model', attempt: 1 })
  expect(await step()).toBe('model')

  second.open()
  await waitFor(async () => (await onlyRequest(gateway)).status === 'replied', { what: 'the reply' })
  await waitFor(async () => (await onlyRequest(gateway)).inFlight === undefined, { what: 'the end of the run' })
  expect(await step()).toBeUndefined()
})

it('is the output while the reply goes to its destination', async () => {
  const gate = createGate()
  await using step = await startStep({ body: '{}' })
  await using broker = await startStep(async () => {
    await gate.opened
    return 202
  })
  await using gateway = await startTestGateway({ steps: [step.url], spec: { reply: { uri: broker.url } } })
  await gateway.post()
  await broker.waitForRequests(1)
  const { status, inFlight } = await onlyRequest(gateway)
  expect([status, inFlight]).toMatchObject(['running', { stage: 'output', attempt: 1, waitingFor: [] }])
  expect(inFlight).not.toHaveProperty('step')
  gate.open()
})

it('names the branches that a step waits for', () => {
  const place = { buffer: 'processing' } as const
  const calls = new Set(
    ['left', 'right'].map(name => ({ step: { name, path: name }, attempts: { count: 1, heldSince: undefined } }))
  )
  expect(inFlightState({ place, step: 'fan-out', calls, startedAt: 0 })).toEqual({
    stage: 'processing',
    step: 'fan-out',
    startedAt: '1970-01-01T00:00:00.000Z',
    waitingFor: ['left', 'right']
  })
})
