import { EventEmitter } from 'node:events'
import type { BreakerSettings } from '../pipeline/plan.ts'
import { createBreaker, rotationMs, type Breaker, type BreakerState } from './breaker.ts'

/** Breakers kept; beyond it the one that was not used for longest is dropped, a closed one first. */
const maxBreakers = 1024

/** The breakers in use: one for each origin and settings, made on first use. */
export interface Breakers extends Disposable {
  /** How to get at the breaker for a call: bounded in number, one that was dropped comes back closed. */
  of(origin: string, settings: BreakerSettings): () => Breaker
  list(): Iterable<{ readonly origin: string; readonly state: BreakerState }>
}

interface Entry {
  readonly origin: string
  readonly breaker: Breaker
}

export function createBreakers(): Breakers {
  // In order of use, the longest unused first.
  const entries = new Map<string, Entry>()
  const rotations = new Map<number, Rotation>()

  const rotationOf = (settings: BreakerSettings): EventEmitter => {
    const everyMs = rotationMs(settings)
    const rotation = rotations.get(everyMs) ?? startRotation(everyMs)
    rotations.set(everyMs, rotation)
    return rotation.emitter
  }

  return {
    of(origin, settings) {
      const key = keyOf(origin, settings)
      return () => {
        let entry = entries.get(key)
        if (entry === undefined) {
          if (entries.size >= maxBreakers) dropUnused(entries)
          entry = { origin, breaker: createBreaker(settings, rotationOf(settings)) }
        }
        entries.delete(key)
        entries.set(key, entry)
        return entry.breaker
      }
    },
    *list() {
      for (const { origin, breaker } of entries.values()) yield { origin, state: breaker.state }
    },
    [Symbol.dispose]() {
      for (const { breaker } of entries.values()) breaker[Symbol.dispose]()
      for (const rotation of rotations.values()) clearInterval(rotation.timer)
      entries.clear()
      rotations.clear()
    }
  }
}

const keyOf = (origin: string, s: BreakerSettings): string =>
  `${origin} ${s.errorThresholdPercentage} ${s.rollingCountTimeoutMs} ${s.resetTimeoutMs} ${s.volumeThreshold}`

interface Rotation {
  readonly emitter: EventEmitter
  readonly timer: NodeJS.Timeout
}

function startRotation(everyMs: number): Rotation {
  const emitter = new EventEmitter().setMaxListeners(0)
  return { emitter, timer: setInterval(() => emitter.emit('rotate'), everyMs) }
}

function dropUnused(entries: Map<string, Entry>): void {
  const [oldest] = entries
  const unused = entries.entries().find(([, entry]) => entry.breaker.state === 'closed') ?? oldest
  if (unused === undefined) return
  const [key, { breaker }] = unused
  breaker[Symbol.dispose]()
  entries.delete(key)
}
