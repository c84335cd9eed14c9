import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { startStep, type RecordedRequest, type StepServer } from '../helpers/step-server.ts'
import { ended, submitBatch } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'

const idOf = ({ headers }: RecordedRequest): string => String(headers['ce-id'])
const keyOf = ({ headers }: RecordedRequest): string => String(headers['ce-partitionkey'])
const idsAt = ({ requests }: StepServer): string[] => requests.map(idOf)
const ofKey = (key: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `${key}${i + 1}`, partitionkey: key }))

describe('ordering by key', () => {
  const spec = { ordering: 'key', limits: { maxInFlight: 8 }, delivery: { retry: 2, ...atOnce } }

  it('runs the requests of a key one after the other, through retries and failures', async () => {
    const running = new Map<string, number>()
    const most = { together: 0 }
    const called = new Set<string>()
    await using step = await startStep(async request => {
      const key = keyOf(request)
      running.set(key, (running.get(key) ?? 0) + 1)
      most.together = Math.max(most.together, ...running.values())
      await new Promise(resolve => setImmediate(resolve))
      running.set(key, (running.get(key) ?? 0) - 1)
      const id = idOf(request)
      const first = !called.has(id)
      called.add(id)
      if (id.endsWith('2') && first) return 500
      return id.endsWith('4') ? 400 : { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec })
    const [a, b] = [ofKey('a', 6), ofKey('b', 6)]
    const ids = await submitBatch(
      gateway,
      a.flatMap((event, i) => [event, b[i] ?? {}])
    )
    const statuses: string[] = []
    for (const id of ids) statuses.push((await ended(gateway, id)).status)
    expect(statuses.filter(status => status === 'failed')).toHaveLength(2)
    const callsOf = (key: string) => idsAt(step).filter(id => id.startsWith(key))
    expect(callsOf('a')).toEqual(['a1', 'a2', 'a2', 'a3', 'a4', 'a5', 'a6'])
    expect(callsOf('b')).toEqual(['b1', 'b2', 'b2', 'b3', 'b4', 'b5', 'b6'])
    expect(most.together).toBe(1)
  })

  it('does not delay other keys, nor what has none', async () => {
    const gate = createGate()
    await using step = await startStep(async request => {
      if (idOf(request) === 'a1') await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec })
    const held = await submitBatch(gateway, ofKey('a', 20))
    const others = await submitBatch(gateway, [...ofKey('b', 10), { id: 'without' }])
    for (const id of others) expect(await ended(gateway, id)).toMatchObject({ status: 'replied' })
    expect(idsAt(step).filter(id => id.startsWith('a'))).toEqual(['a1'])
    gate.open()
    await ended(gateway, held.at(-1) ?? '')
    expect(idsAt(step).filter(id => id.startsWith('a'))).toEqual(ofKey('a', 20).map(({ id }) => id))
  })

  it('is not kept unless it is asked for', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec: { ...spec, ordering: 'none' } })
    await submitBatch(gateway, ofKey('a', 3))
    await step.waitForRequests(3)
    gate.open()
  })
})

describe('priority', () => {
  /** A gateway that runs one request at a time; the first is held until the gate opens, so that the others queue. */
  async function startBusyGateway() {
    await using opened = new AsyncDisposableStack()
    const gate = createGate()
    const step = opened.use(
      await startStep(async request => {
        if (idOf(request) === 'first') await gate.opened
        return { body: 'done' }
      })
    )
    const gateway = opened.use(
      await startTestGateway({
        steps: [step.url],
        spec: { limits: { maxInFlight: 1 } },
        config: { shutdownGraceMs: 0 }
      })
    )
    await submitBatch(gateway, [{ id: 'first' }])
    await step.waitForRequests(1)
    const owned = opened.move()
    return { gate, step, gateway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  it('decides who goes first, then the order of acceptance; 5 when there is none', async () => {
    await using under = await startBusyGateway()
    const { gate, step, gateway } = under
    await submitBatch(gateway, [
      { id: 'one', priority: '1' },
      { id: 'usual' },
      { id: 'nine', priority: '9' },
      { id: 'five', priority: '5' },
      { id: 'zero', priority: '0' },
      { id: 'nine-too', priority: '9' }
    ])
    gate.open()
    await step.waitForRequests(7)
    expect(idsAt(step)).toEqual(['first', 'nine', 'nine-too', 'usual', 'five', 'one', 'zero'])
  })

  it('never starves: a level is worth ten seconds of waiting', async () => {
    await using under = await startBusyGateway()
    const { gate, step, gateway } = under
    const [early = ''] = await submitBatch(gateway, [{ id: 'early', priority: '8' }])
    const acceptedAt = Date.now()
    await waitFor(() => Date.now() - acceptedAt > 10_100, { what: 'ten seconds', timeoutMs: 15_000 })
    await submitBatch(gateway, [
      { id: 'late', priority: '9' },
      { id: 'late-too', priority: '9' }
    ])
    gate.open()
    await step.waitForRequests(4)
    expect(idsAt(step)).toEqual(['first', 'early', 'late', 'late-too'])
    expect(await ended(gateway, early)).toMatchObject({ status: 'replied' })
  })
})
