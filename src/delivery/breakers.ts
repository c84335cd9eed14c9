import { EventEmitter } from 'node:events'
import type { BreakerSettings } from '../pipeline/delivery.ts'
import { createBreaker, rotationMs, type Breaker, type BreakerState } from './breaker.ts'
import { breakerLog } from './breaker-log.ts'
import type { Logger } from '../telemetry/log.ts'
import { RecentlyUsed } from './recently-used.ts'

/** Breakers kept; beyond it the one that was not used for longest is dropped, a closed one first. */
const maxBreakers = 1024

/** The breakers in use: one for each destination and settings, made on first use. */
export interface Breakers extends Disposable {
  /** How to get at the breaker for a call: bounded in number, one that was dropped comes back closed. */
  of(destination: string, settings: BreakerSettings): () => Breaker
  /** Nobody calls these destinations any more. */
  drop(destinations: ReadonlySet<string>): void
  list(): Iterable<{ readonly destination: string; readonly state: BreakerState }>
}

interface Entry {
  readonly destination: string
  readonly breaker: Breaker
}

export function createBreakers(log: Pick<Logger, 'warn' | 'info' | 'debug'>): Breakers {
  const entries = new RecentlyUsed<Entry>()
  const rotations = new Map<number, Rotation>()

  const rotationOf = (settings: BreakerSettings): EventEmitter => {
    const everyMs = rotationMs(settings)
    const rotation = rotations.get(everyMs) ?? startRotation(everyMs)
    rotations.set(everyMs, rotation)
    return rotation.emitter
  }

  return {
    of(destination, settings) {
      const key = keyOf(destination, settings)
      return () => {
        const known = entries.get(key)
        if (known !== undefined) return known.breaker
        if (entries.size >= maxBreakers) dropUnused(entries)
        const tell = breakerLog(destination, log)
        const breaker = createBreaker(settings, rotationOf(settings), tell)
        entries.set(key, { destination, breaker })
        return breaker
      }
    },
    drop(destinations) {
      for (const [key, { destination, breaker }] of entries.longestUnusedFirst()) {
        if (!destinations.has(destination)) continue
        breaker[Symbol.dispose]()
        entries.delete(key)
      }
    },
    *list() {
      for (const { destination, breaker } of entries.values()) yield { destination, state: breaker.state }
    },
    [Symbol.dispose]() {
      for (const { breaker } of entries.values()) breaker[Symbol.dispose]()
      for (const rotation of rotations.values()) clearInterval(rotation.timer)
      entries.clear()
      rotations.clear()
    }
  }
}

const keyOf = (destination: string, s: BreakerSettings): string =>
  `${destination} ${s.errorThresholdPercentage} ${s.rollingCountTimeoutMs} ${s.resetTimeoutMs} ${s.volumeThreshold}`

interface Rotation {
  readonly emitter: EventEmitter
  readonly timer: NodeJS.Timeout
}

function startRotation(everyMs: number): Rotation {
  const emitter = new EventEmitter().setMaxListeners(0)
  return { emitter, timer: setInterval(() => emitter.emit('rotate'), everyMs) }
}

function dropUnused(entries: RecentlyUsed<Entry>): void {
  const all = entries.longestUnusedFirst()
  const unused = all.find(([, entry]) => entry.breaker.state === 'closed') ?? all[0]
  if (unused === undefined) return
  const [key, { breaker }] = unused
  breaker[Symbol.dispose]()
  entries.delete(key)
}
