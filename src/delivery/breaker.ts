import type { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { SluiceError } from '../errors.ts'
import type { BreakerSettings } from '../pipeline/plan.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import { countsForBreaker } from './retriable.ts'

export type BreakerState = 'closed' | 'halfOpen' | 'open'

/** A circuit breaker of one origin. Open, it answers BREAKER_OPEN at once; after `resetTimeout` one call probes. */
export interface Breaker extends Disposable {
  readonly state: BreakerState
  readonly deliver: (next: Deliver, event: CloudEvent, call: Call) => Promise<Delivered>
}

/** Buckets of the rolling window, as in opossum. */
const buckets = 10

/** How often the window of a breaker moves on, in milliseconds. */
export const rotationMs = ({ rollingCountTimeoutMs }: BreakerSettings): number =>
  Math.max(1, Math.floor(rollingCountTimeoutMs / buckets))

/**
 * opossum with an outcome in place of a rejection: it counts rejections, so what counts is thrown inside it and
 * caught outside. `rotation` emits `rotate` for all breakers that share its pace, in place of a timer for each.
 */
export function createBreaker(settings: BreakerSettings, rotation: EventEmitter): Breaker {
  const circuit = new CircuitBreaker(deliverOrThrow, {
    timeout: false,
    errorThresholdPercentage: settings.errorThresholdPercentage,
    rollingCountTimeout: settings.rollingCountTimeoutMs,
    rollingCountBuckets: buckets,
    resetTimeout: settings.resetTimeoutMs,
    volumeThreshold: settings.volumeThreshold,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: rotation
  })
  let openedAt = 0
  circuit.on('open', () => {
    openedAt = performance.now()
  })

  const refusal = (): Delivered => {
    // Half-open with its probe under way: how long that takes is not known, so a second is said.
    const left = circuit.halfOpen ? 1000 : openedAt + settings.resetTimeoutMs - performance.now()
    const error = new SluiceError('BREAKER_OPEN', 'the circuit breaker is open: too many calls have failed', {
      facts: { retryAfterMs: Math.max(0, left) }
    })
    return { kind: 'failed', error }
  }

  return {
    get state() {
      return circuit.opened ? 'open' : circuit.halfOpen ? 'halfOpen' : 'closed'
    },
    async deliver(next, event, call) {
      try {
        return await circuit.fire(next, event, call, circuit)
      } catch (thrown) {
        if (thrown instanceof Counted) return thrown.delivered
        if (isOpen(thrown)) return refusal()
        throw thrown
      }
    },
    [Symbol.dispose]: () => circuit.shutdown()
  }
}

/** Carries a failure through opossum, which counts what is thrown. Not an Error: nobody reads its stack. */
class Counted {
  readonly delivered: Delivered

  constructor(delivered: Delivered) {
    this.delivered = delivered
  }
}

async function deliverOrThrow(next: Deliver, event: CloudEvent, call: Call, circuit: { halfOpen: boolean }) {
  const probing = circuit.halfOpen
  const before = call.attempts.count
  const delivered = await next(event, call)
  const called = call.attempts.count > before
  const counts = called && delivered.kind === 'failed' && countsForBreaker(delivered.error)
  // A probe that was given up, or never made, proves nothing: the breaker must not close on it.
  const unproven = circuit.halfOpen && (delivered.kind === 'cancelled' || !called)
  // oxlint-disable-next-line typescript/only-throw-error
  if (counts || unproven) throw new Counted(probing ? asProbe(delivered) : delivered)
  return delivered
}

const asProbe = (delivered: Delivered): Delivered =>
  delivered.kind === 'failed' ? { kind: 'failed', error: delivered.error.with({ probe: true }) } : delivered

const isOpen = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EOPENBREAKER'
