import { setTimeout as delay } from 'node:timers/promises'
import type { FuzzedGateway } from './fuzzed-gateway.ts'

/** Lets inputs go one after the other. */
export interface Pace extends Disposable {
  turn(): Promise<void>
  /** Inputs in a second, at last. */
  readonly perSecond: number
}

/** Of one processor. More of it and the gateway has a queue, so that a caller is delayed by the number of inputs alone. */
const busyShare = 0.5
const everyMs = 1_000
const mostPerSecond = 10_000

/** Sends as much as keeps the gateway busy for half of a processor: what one input costs is to be seen, not a flood. */
export function startPace(gateway: FuzzedGateway): Pace {
  const stopped = new AbortController()
  const state = { perSecond: 50, nextAt: performance.now() }
  void followGateway(gateway, state, stopped.signal)
  return {
    async turn() {
      const now = performance.now()
      state.nextAt = Math.max(now, state.nextAt) + 1000 / state.perSecond
      const waitMs = state.nextAt - now
      if (waitMs > 1) await delay(waitMs)
    },
    get perSecond() {
      return state.perSecond
    },
    [Symbol.dispose]: () => stopped.abort()
  }
}

/** As fast as it goes. */
export const noPace: Pace = { turn: () => Promise.resolve(), perSecond: Infinity, [Symbol.dispose]: () => {} }

async function followGateway(gateway: FuzzedGateway, state: { perSecond: number }, signal: AbortSignal): Promise<void> {
  let last: { readonly at: number; readonly seconds: number } | undefined
  while (!signal.aborted && gateway.ended === undefined) {
    const seconds = await gateway.total('process_cpu_seconds_total').catch(() => undefined)
    const at = performance.now()
    if (seconds !== undefined) {
      if (last !== undefined) {
        const busy = ((seconds - last.seconds) * 1000) / (at - last.at)
        const factor = Math.min(1.25, Math.max(0.5, busyShare / Math.max(busy, 0.01)))
        state.perSecond = Math.min(mostPerSecond, Math.max(1, state.perSecond * factor))
      }
      last = { at, seconds }
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
