import { describe, expect, it } from 'vitest'
import { hedged } from '../../src/delivery/hedge.ts'
import { serviceCall } from '../../src/delivery/service-call.ts'
import { ServiceLines } from '../../src/delivery/service-lines.ts'
import { ServiceStates, type NothingReady } from '../../src/delivery/service-states.ts'
import type { Call, Delivered } from '../../src/delivery/deliver.ts'
import { aCall } from '../helpers/a-call.ts'
import { endpointOptions } from '../helpers/endpoint-options.ts'
import { anEvent } from '../helpers/events.ts'
import { waitFor } from '../helpers/wait-for.ts'

const ref = 'Service/models/mood-score'
const nothing: NothingReady = { pipeline: 'models/mood', reason: 'no replica of it runs', isCurrent: true }
const empty: Delivered = { kind: 'empty' }

/** A Service behind which nothing is ready; `calls` has the ids of the requests that came through, in order. */
function serviceAtZero({ connects = true, state = nothing } = {}) {
  const states = new ServiceStates()
  states.set(ref, state)
  const lines = new ServiceLines(states)
  const address = { connects, asked: 0 }
  const line = lines.of(ref, () => {
    address.asked++
    return Promise.resolve(address.connects)
  })
  const calls: string[] = []
  const deliver = serviceCall(line, endpointOptions, (_, { requestId }) => {
    calls.push(requestId)
    return Promise.resolve(empty)
  })
  const call = (requestId: string, changes: Partial<Call> = {}) => deliver(anEvent(), aCall({ requestId, ...changes }))
  const held = (): number => [...lines.list()].reduce((sum, each) => sum + (each.held?.requests ?? 0), 0)
  return { states, address, calls, deliver, call, held, lines, [Symbol.dispose]: () => lines[Symbol.dispose]() }
}

describe('the calls of a Service behind which nothing is ready', () => {
  it('are held, and let through in their order as soon as something is', async () => {
    using service = serviceAtZero()
    const ids = Array.from({ length: 50 }, (_, i) => String(i))
    const all = Promise.all(ids.map(id => service.call(id)))
    expect([service.held(), service.calls]).toEqual([50, []])
    service.states.set(ref, undefined)
    expect(new Set(await all)).toEqual(new Set([empty]))
    expect([service.held(), service.calls]).toEqual([0, ids])
  })

  it('are seen to wait, and are no attempt', async () => {
    using service = serviceAtZero()
    const attempts = { count: 0, heldSince: undefined as number | undefined }
    const called = service.call('a', { attempts })
    expect(attempts.heldSince).toBeTypeOf('number')
    service.states.set(ref, undefined)
    await called
    expect(attempts).toEqual({ count: 0, heldSince: undefined })
  })

  it('count once for each request, and no more when their caller has left', async () => {
    using service = serviceAtZero()
    const caller = new AbortController()
    const branches = ['left', 'right'].map(() => service.call('one', { signal: caller.signal }))
    const other = service.call('other')
    expect([...service.lines.list()]).toEqual([
      { service: 'models/mood-score', calls: 0, held: { pipeline: 'models/mood', requests: 2 } }
    ])
    caller.abort()
    expect(await Promise.all(branches)).toEqual([{ kind: 'cancelled' }, { kind: 'cancelled' }])
    expect(service.held()).toBe(1)
    service.states.set(ref, undefined)
    await other
    expect(service.calls).toEqual(['other'])
  })

  it('end with the deadline of their request, and say what they waited for', async () => {
    using service = serviceAtZero()
    const late = await service.call('a', { deadline: performance.now() + 20 })
    expect(late).toMatchObject({
      error: {
        code: 'DEADLINE_EXCEEDED',
        message: 'step "s" was not called before the deadline of the request: no replica of it runs'
      }
    })
    expect(service.held()).toBe(0)
  })

  it('are put back, where nobody waits for the answer, when a start has taken too long', async () => {
    using service = serviceAtZero({ state: { ...nothing, reason: 'its replica is not ready' } })
    expect(await service.call('a', { maxHoldMs: 20 })).toMatchObject({
      error: {
        code: 'STEP_UNREACHABLE',
        message: 'step "s" could not be reached: its replica is not ready',
        facts: { notStarted: true }
      }
    })
    expect(service.held()).toBe(0)
  })

  it('have no hedge beside them, however long they are held', async () => {
    using service = serviceAtZero()
    const made: string[] = []
    const beside = () => Promise.resolve(void made.push('beside')).then(() => empty)
    const called = hedged({ delayMs: 1, max: 3 }, service.deliver, beside)(anEvent(), aCall({ requestId: 'a' }))
    expect(await service.call('b', { deadline: performance.now() + 50 })).toMatchObject({ kind: 'failed' })
    service.states.set(ref, undefined)
    await called
    expect([made, service.calls]).toEqual([[], ['a']])
  })

  it('wait until somebody takes connections, since the nodes hear late of what is ready', async () => {
    using service = serviceAtZero({ connects: false })
    const called = service.call('a')
    service.states.set(ref, undefined)
    await waitFor(() => service.address.asked > 1, { what: 'connections that are refused' })
    expect([service.held(), service.calls]).toEqual([1, []])
    service.address.connects = true
    expect(await called).toEqual(empty)
  })

  it('go on waiting when what was ready is gone before it took a connection', async () => {
    using service = serviceAtZero({ connects: false })
    const called = service.call('a')
    service.states.set(ref, undefined)
    service.states.set(ref, nothing)
    service.address.connects = true
    expect(service.held()).toBe(1)
    service.states.set(ref, undefined)
    expect(await called).toEqual(empty)
  })
})

describe('the line of a Service that no pipeline calls any more', () => {
  it('goes when its last call has ended', async () => {
    using service = serviceAtZero()
    const caller = new AbortController()
    const called = service.call('a', { signal: caller.signal })
    service.lines.drop(new Set([ref]))
    expect(service.held()).toBe(1)
    caller.abort()
    await called
    expect([...service.lines.list()]).toEqual([])
  })

  it('stays when a pipeline calls it again', async () => {
    using service = serviceAtZero()
    const called = service.call('a')
    service.lines.drop(new Set([ref]))
    service.lines.of(ref, () => Promise.resolve(true))
    service.states.set(ref, undefined)
    expect(await called).toEqual(empty)
    expect([...service.lines.list()]).toMatchObject([{ calls: 0, held: { requests: 0 } }])
  })
})

describe('the calls of a Service that nobody follows any more', () => {
  const away: NothingReady = { ...nothing, isCurrent: false }

  it('go through as soon as somebody takes connections there', async () => {
    using service = serviceAtZero({ connects: false })
    const called = service.call('a')
    service.states.set(ref, away)
    await waitFor(() => service.address.asked > 1, { what: 'connections that are refused' })
    expect(service.held()).toBe(1)
    service.address.connects = true
    expect(await called).toEqual(empty)
    expect(await service.call('b')).toEqual(empty)
  })

  it('find it out by themselves where it was known before', async () => {
    using service = serviceAtZero({ state: away })
    expect(service.address.asked).toBe(0)
    expect(await service.call('a')).toEqual(empty)
  })

  it('are held again when it is followed again', async () => {
    using service = serviceAtZero({ state: away })
    await service.call('a')
    service.states.set(ref, nothing)
    const called = service.call('b')
    expect(service.held()).toBe(1)
    service.states.set(ref, undefined)
    expect(await called).toEqual(empty)
  })
})

it('a Service of which nobody knows anything is called', async () => {
  using lines = new ServiceLines(new ServiceStates())
  const line = lines.of(ref, () => Promise.reject(new Error('nobody tries to connect')))
  const { promise, resolve } = Promise.withResolvers<Delivered>()
  const called = serviceCall(line, endpointOptions, () => promise)(anEvent(), aCall())
  expect([...lines.list()]).toEqual([{ service: 'models/mood-score', calls: 1, held: undefined }])
  resolve(empty)
  expect(await called).toEqual(empty)
  expect([...lines.list()]).toMatchObject([{ calls: 0 }])
  lines.drop(new Set([ref]))
  expect([...lines.list()]).toEqual([])
})
