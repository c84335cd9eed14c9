import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createGate, type Gate } from '../helpers/gate.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, statusOf, submit, submitBatch } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${i}` }))

describe('the number in flight', () => {
  it('is constant while there is work, in whichever order it ends, and never more', async () => {
    const waiting: Gate[] = []
    await using step = await startStep(async () => {
      const gate = createGate()
      waiting.push(gate)
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight: 4 } } })
    await submitBatch(gateway, named('event', 30))
    for (let ends = 0; ends <= 26; ends++) {
      await waitFor(() => step.requests.length === 4 + ends, { what: `request ${4 + ends} at the step` })
      expect(waiting).toHaveLength(4)
      // The one that waits longest, and the one that came last, in turn.
      waiting.splice(ends % 2 === 0 ? 0 : -1, 1)[0]?.open()
    }
    for (const gate of waiting) gate.open()
    await waitFor(async () => (await pending(gateway)) === 0, { what: 'the end of all' })
    expect(step.requests).toHaveLength(30)
  })

  it('counts requests that were accepted one by one like those that had to queue', async () => {
    const gate = createGate()
    const held = { now: 0, most: 0 }
    await using step = await startStep(async () => {
      held.most = Math.max(held.most, ++held.now)
      await gate.opened
      held.now--
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight: 3 } } })
    const ids = await Promise.all(Array.from({ length: 12 }, () => submit(gateway)))
    await step.waitForRequests(3)
    gate.open()
    for (const id of ids) expect(await ended(gateway, id)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect(held.most).toBe(3)
  })

  it('is reached however large it is: each has a connection to the step', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight: 1_100 } } })
    for (const prefix of ['a', 'b', 'c']) await submitBatch(gateway, named(prefix, 400))
    await waitFor(() => step.requests.length === 1_100, { what: 'request 1,100 at the step' })
    gate.open()
    await waitFor(async () => (await pending(gateway)) === 0, { what: 'the end of all' })
    expect(step.requests).toHaveLength(1_200)
  })
})

/** How many stored requests of the pipeline are not settled. */
async function pending({ adminUrl }: { readonly adminUrl: string }): Promise<number> {
  const open = await Promise.all(
    ['accepted', 'running'].map(async status => {
      const { items } = (await (await fetch(`${adminUrl}/requests?status=${status}`)).json()) as { items: unknown[] }
      return items.length
    })
  )
  return open.reduce((sum, count) => sum + count)
}

it('a later request that is fast is replied before an earlier one that is slow', async () => {
  const gate = createGate()
  await using step = await startStep(async ({ body }) => {
    if (body.toString().includes('slow')) await gate.opened
    return { body: 'done' }
  })
  await using gateway = await startTestGateway({ steps: [step.url] })
  const slow = await submit(gateway, { data: 'slow' })
  await step.waitForRequests(1)
  const fast = await submit(gateway, { data: 'fast' })
  expect(await ended(gateway, fast)).toMatchObject({ status: 'replied' })
  expect(await statusOf(gateway, slow)).toMatchObject({ status: 'running', step: 'step-1' })
  gate.open()
  expect(await ended(gateway, slow)).toMatchObject({ status: 'replied' })
})

const stepMs = 20
const maxInFlight = 8
const fast = 1_000

// The same number of fast ones runs first with all slots, then with one slot taken; so the machine, and how late its
// timers are, counts on both sides, and 1.2 is left for what the slow one may cost beside its slot. Other work on the
// machine that falls on the second half only is met by another try.
const noisy = { timeout: 60_000, retry: 2 }
it('fast ones beside a slow one finish within 1.2 times what the other slots need', noisy, async () => {
  const slow = createGate()
  const answeredAt = new Map<string, number>()
  await using step = await startStep(async ({ headers }) => {
    const id = String(headers['ce-id'])
    await (id === 'slow' ? slow.opened : delay(stepMs))
    answeredAt.set(id, performance.now())
    return { body: 'done' }
  })
  await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight } } })
  const run = async (prefix: string): Promise<number> => {
    const from = performance.now()
    const before = answeredAt.size
    await submitBatch(gateway, named(prefix, fast))
    await waitFor(() => answeredAt.size === before + fast, { what: `the ${prefix}`, timeoutMs: 30_000 })
    return Math.max(...answeredAt.values()) - from
  }
  const alone = await run('alone')
  await submitBatch(gateway, [{ id: 'slow' }])
  await waitFor(() => step.requests.at(-1)?.headers['ce-id'] === 'slow', { what: 'the slow one at the step' })
  const beside = await run('beside')
  expect(beside).toBeLessThan(1.2 * alone * (maxInFlight / (maxInFlight - 1)))
  slow.open()
})
