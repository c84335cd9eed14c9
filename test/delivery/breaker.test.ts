import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createBreaker, type Breaker } from '../../src/delivery/breaker.ts'
import type { Deliver, Delivered } from '../../src/delivery/deliver.ts'
import { SluiceError, type ErrorCode } from '../../src/errors.ts'
import { aCall } from '../helpers/a-call.ts'
import { anEvent } from '../helpers/events.ts'
import { createGate } from '../helpers/gate.ts'
import { waitFor } from '../helpers/wait-for.ts'

const settings = {
  enabled: true,
  errorThresholdPercentage: 50,
  rollingCountTimeoutMs: 10_000,
  resetTimeoutMs: 20,
  volumeThreshold: 3
}

const failure = (code: ErrorCode): Delivered => ({ kind: 'failed', error: new SluiceError(code, 'no') })

/** A destination that was called, and one that was not. */
const called =
  (delivered: Delivered): Deliver =>
  async (_event, call) => {
    call.attempts.count++
    return delivered
  }
const notCalled =
  (delivered: Delivered): Deliver =>
  async () =>
    delivered

async function deliverMany(breaker: Breaker, next: Deliver, count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await breaker.deliver(next, anEvent(), aCall())
}

const open = async (breaker: Breaker) => deliverMany(breaker, called(failure('STEP_UNREACHABLE')))
const halfOpen = (breaker: Breaker) => waitFor(() => breaker.state === 'halfOpen', { what: 'the breaker to probe' })

describe('a breaker', () => {
  it('opens on calls that fail, not on calls that were never made', async () => {
    using made = createBreaker(settings, new EventEmitter())
    await deliverMany(made, called(failure('DEADLINE_EXCEEDED')))
    expect(made.state).toBe('open')
    using never = createBreaker(settings, new EventEmitter())
    await deliverMany(never, notCalled(failure('DEADLINE_EXCEEDED')))
    expect(never.state).toBe('closed')
  })

  it.each<[string, Deliver]>([
    ['was never made', notCalled(failure('PIPELINE_NOT_READY'))],
    ['was given up', called({ kind: 'cancelled' })],
    ['failed', called(failure('STEP_TIMEOUT'))]
  ])('opens again when its probe %s', async (_what, probe) => {
    using breaker = createBreaker(settings, new EventEmitter())
    await open(breaker)
    await halfOpen(breaker)
    await deliverMany(breaker, probe, 1)
    expect(breaker.state).not.toBe('closed')
  })

  it('closes when its probe goes well, a refusal of the event included', async () => {
    for (const delivered of [{ kind: 'empty' }, failure('STEP_BAD_REPLY')] as const) {
      using breaker = createBreaker(settings, new EventEmitter())
      await open(breaker)
      await halfOpen(breaker)
      await deliverMany(breaker, called(delivered), 1)
      expect(breaker.state).toBe('closed')
    }
  })

  it('tells how long it stays open', async () => {
    using breaker = createBreaker({ ...settings, resetTimeoutMs: 30_000 }, new EventEmitter())
    await open(breaker)
    const delivered = await breaker.deliver(called({ kind: 'empty' }), anEvent(), aCall())
    const facts = delivered.kind === 'failed' ? delivered.error.facts : {}
    expect(facts.retryAfterMs).toBeGreaterThan(0)
    expect(facts.retryAfterMs).toBeLessThanOrEqual(30_000)
  })

  it.each([{ kind: 'empty' }, failure('STEP_TIMEOUT')] as const)(
    'learns nothing of now from a call that began before it opened: %o',
    async late => {
      using breaker = createBreaker(settings, new EventEmitter())
      const gate = createGate()
      const begun = breaker.deliver(
        async (event, call) => {
          const delivered = await called(late)(event, call)
          await gate.opened
          return delivered
        },
        anEvent(),
        aCall()
      )
      await open(breaker)
      await halfOpen(breaker)
      gate.open()
      expect(await begun).toEqual(late)
      expect(breaker.state).toBe('halfOpen')
      await deliverMany(breaker, called({ kind: 'empty' }), 1)
      expect(breaker.state).toBe('closed')
    }
  )

  it('opens on the share of calls that failed, among those that ended', async () => {
    using breaker = createBreaker({ ...settings, volumeThreshold: 4 }, new EventEmitter())
    await deliverMany(breaker, called({ kind: 'empty' }), 4)
    await deliverMany(breaker, called(failure('STEP_UNREACHABLE')), 4)
    expect(breaker.state).toBe('closed')
    await deliverMany(breaker, called(failure('STEP_UNREACHABLE')), 1)
    expect(breaker.state).toBe('open')
  })

  /** Each had counted as one that went well, so that a step that failed whenever it was called never opened. */
  it('learns nothing from calls that were never made, such as those that were held in vain', async () => {
    using breaker = createBreaker(settings, new EventEmitter())
    await deliverMany(breaker, notCalled(failure('DEADLINE_EXCEEDED')), 20)
    await deliverMany(breaker, called(failure('STEP_UNREACHABLE')), 3)
    expect(breaker.state).toBe('open')
  })
})
