import type { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { SluiceError } from '../errors.ts'
import type { BreakerSettings } from '../pipeline/delivery.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import { Ramp } from './ramp.ts'
import { countsForBreaker } from './retriable.ts'

export type BreakerState = 'closed' | 'halfOpen' | 'open'

/** A breaker tells this of itself. */
export type BreakerChange =
  /** `failures` of the last `calls` failed; `error`: the last of them. */
  | {
      readonly kind: 'opened'
      readonly failures: number
      readonly calls: number
      readonly error: SluiceError | undefined
    }
  /** Its probe failed: it stays open for another `resetTimeout`. */
  | { readonly kind: 'probeFailed'; readonly error: SluiceError | undefined }
  /** Its probe went well. */
  | { readonly kind: 'closed'; readonly openMs: number }

/**
 * A circuit breaker of one destination. Open, it answers BREAKER_OPEN at once; after `resetTimeout` one call probes.
 * Closed again it lets the load come back bit by bit, for another `resetTimeout` at most.
 */
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
 * caught outside. While it is closed it is told of a call once that has ended: to pass through it costs six promises.
 * `rotation` emits `rotate` for all breakers that share its pace, in place of a timer for each.
 */
export function createBreaker(
  settings: BreakerSettings,
  rotation: EventEmitter,
  tellChange: (change: BreakerChange) => void = () => {}
): Breaker {
  const circuit = createCircuit(settings, rotation)
  let openedAt = 0
  let ramp: Ramp | undefined
  circuit.on('open', () => {
    openedAt = performance.now()
  })
  circuit.on('close', () => {
    ramp = new Ramp(settings.resetTimeoutMs, performance.now())
  })
  tellChanges(circuit, tellChange)

  const isOpen = (): Delivered => {
    // Half-open with its probe under way: how long that takes is not known, so a second is said.
    const left = circuit.halfOpen ? 1000 : openedAt + settings.resetTimeoutMs - performance.now()
    return refusal('the circuit breaker is open: too many calls have failed', Math.max(0, left))
  }

  const fire = (run: () => Promise<Delivered>): Promise<Delivered> =>
    circuit.fire(run).catch((thrown: unknown) => {
      if (thrown instanceof Counted) return thrown.delivered
      if (isRejection(thrown)) return isOpen()
      throw thrown
    })

  /** A call that began while it was closed, and ends when it is not, tells nothing of the destination as it is now. */
  const tell = (delivered: Delivered, call: Call, before: number): Delivered | Promise<Delivered> => {
    if (!circuit.closed || provesNothing(delivered, call, before)) return delivered
    if (isCounted(delivered)) return fire(() => failWith(delivered))
    circuit.emit('fire')
    circuit.emit('success', delivered, 0)
    return delivered
  }

  const deliver: Breaker['deliver'] = (next, event, call) => {
    if (!circuit.closed) return fire(() => deliverOrThrow(next, event, call, circuit))
    const before = call.attempts.count
    return next(event, call).then(delivered => tell(delivered, call, before))
  }

  return {
    get state() {
      return circuit.opened ? 'open' : circuit.halfOpen ? 'halfOpen' : 'closed'
    },
    deliver(next, event, call) {
      // Closed for long: the one comparison is all that it costs.
      if (ramp === undefined) return deliver(next, event, call)
      if (!ramp.isOver(performance.now())) return deliverWithin(ramp, deliver, next, event, call)
      ramp = undefined
      return deliver(next, event, call)
    },
    [Symbol.dispose]: () => circuit.shutdown()
  }
}

function tellChanges(circuit: ReturnType<typeof createCircuit>, tell: (change: BreakerChange) => void): void {
  let openedAt: number | undefined
  let error: SluiceError | undefined
  circuit.on('failure', (thrown: unknown) => {
    error = thrown instanceof Counted && thrown.delivered.kind === 'failed' ? thrown.delivered.error : undefined
  })
  circuit.on('open', () => {
    if (openedAt !== undefined) return tell({ kind: 'probeFailed', error })
    openedAt = performance.now()
    const { failures, fires } = circuit.stats
    tell({ kind: 'opened', failures, calls: fires, error })
  })
  circuit.on('close', () => {
    const now = performance.now()
    tell({ kind: 'closed', openMs: now - (openedAt ?? now) })
    openedAt = undefined
  })
}

const createCircuit = (settings: BreakerSettings, rotation: EventEmitter) =>
  new CircuitBreaker((run: () => Promise<Delivered>) => run(), {
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

/** A refusal while the load ramps up is short: there is room again with the next call that ends. */
const rampingRetryMs = 200

async function deliverWithin(ramp: Ramp, deliver: Breaker['deliver'], ...args: Parameters<Breaker['deliver']>) {
  if (!ramp.enter(performance.now())) {
    return refusal('the circuit breaker has just closed, and lets the load come back bit by bit', rampingRetryMs)
  }
  let wentWell = false
  try {
    const delivered = await deliver(...args)
    wentWell = delivered.kind === 'reply' || delivered.kind === 'empty'
    return delivered
  } finally {
    ramp.leave(wentWell)
  }
}

function refusal(why: string, retryAfterMs: number): Delivered {
  return { kind: 'failed', error: new SluiceError('BREAKER_OPEN', why, { facts: { retryAfterMs } }) }
}

/** Carries a failure through opossum, which counts what is thrown. Not an Error: nobody reads its stack. */
class Counted {
  readonly delivered: Delivered

  constructor(delivered: Delivered) {
    this.delivered = delivered
  }
}

const failWith = (delivered: Delivered): Promise<never> => Promise.reject(new Counted(delivered))

/** Whether the destination that was called failed. */
const isCounted = (delivered: Delivered): boolean => delivered.kind === 'failed' && countsForBreaker(delivered.error)

function deliverOrThrow(next: Deliver, event: CloudEvent, call: Call, circuit: { halfOpen: boolean }) {
  const probing = circuit.halfOpen
  const before = call.attempts.count
  return next(event, call).then(delivered => {
    // A probe that was given up, or never made, proves nothing: the breaker must not close on it.
    const proves = !provesNothing(delivered, call, before)
    const unproven = circuit.halfOpen && !proves
    const counts = proves && isCounted(delivered)
    // oxlint-disable-next-line typescript/only-throw-error
    if (counts || unproven) throw new Counted(probing ? asProbe(delivered) : delivered)
    return delivered
  })
}

/**
 * The call was given up, or it failed before it was made (it was held in vain, say), or this machine lacked what it takes, or
 * a process ended that is started again.
 */
function provesNothing(delivered: Delivered, call: Call, attemptsBefore: number): boolean {
  if (delivered.kind !== 'failed') return delivered.kind === 'cancelled'
  const { code, facts } = delivered.error
  return call.attempts.count === attemptsBefore || code === 'OVERLOADED' || facts.processLost === true
}

const asProbe = (delivered: Delivered): Delivered =>
  delivered.kind === 'failed' ? { kind: 'failed', error: delivered.error.with({ probe: true }) } : delivered

const isRejection = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EOPENBREAKER'
