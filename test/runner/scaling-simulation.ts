import { LoadModel } from '../../src/runner/scaling/load-model.ts'
import { PeakWindow } from '../../src/runner/scaling/peak-window.ts'
import { instancesFor } from '../../src/runner/scaling/wanted-instances.ts'

/** Calls a second at a time in seconds. */
export type Rate = (second: number) => number

export interface Simulated {
  /** Requests that found no place in a process that was ready. */
  readonly held: number
  readonly requests: number
  /** Seconds of all processes together, from their starts to their ends. */
  readonly cost: number
}

export interface SimulationOptions {
  readonly rate: Rate
  /** In seconds; 0 unless given. */
  readonly from?: number
  /** What comes before is learned from, and not counted. */
  readonly countedFrom: number
  readonly until: number
  readonly predictive: boolean
  readonly idleMs: number
}

/** A process takes so many calls at once, each of which lasts a second or so, and is ready after so many seconds. */
const concurrency = 4
const startSeconds = 30
const scaling = { target: concurrency }
const bounds = { min: 0, max: 1000 }
/** What a step with `predictive` knows of its starts; a tick is a second here. */
const leadMs = (startSeconds + 2) * 1000

/** The same numbers each time. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function poisson(mean: number, random: () => number): number {
  // In parts, since a power of e as small as that of hundreds is none.
  if (mean > 50) return poisson(mean / 2, random) + poisson(mean / 2, random)
  const least = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > least; product *= random()) count++
  return count
}

/** Runs a load against the functions that decide in a gateway, second by second. */
export function simulate({ rate, from = 0, countedFrom, until, predictive, idleMs }: SimulationOptions): Simulated {
  const random = createRandom(7)
  const model = new LoadModel()
  const peaks = new PeakWindow()
  /** When those that start are ready. */
  let starting: number[] = []
  let ready = 0
  /** Calls that end in the next second, and in the one after it. */
  let [short, long] = [0, 0]
  let waiting = 0
  const told = { held: 0, requests: 0, cost: 0 }
  for (let second = from; second < until; second++) {
    ready += starting.filter(at => at <= second).length
    starting = starting.filter(at => at > second)
    ;[short, long] = [long, 0]
    const arrived = poisson(rate(second), random)
    const held = Math.max(0, arrived - Math.max(0, ready * concurrency - short - waiting))
    waiting += held
    const begin = Math.min(waiting + arrived - held, Math.max(0, ready * concurrency - short))
    waiting = Math.max(0, waiting - Math.max(0, begin - (arrived - held)))
    const lasting = Math.round(begin / 2)
    short += begin - lasting
    long += lasting
    const calls = short + long + waiting
    const now = second * 1000
    peaks.note(instancesFor(calls, scaling, bounds), now)
    model.note(calls, now)
    const floor = predictive ? instancesFor(model.forecast(now, leadMs), scaling, bounds) : 0
    const wanted = Math.max(peaks.peak(now, idleMs), floor)
    for (let i = ready + starting.length; i < wanted; i++) starting.push(second + startSeconds)
    // Those that are not ready go first, and none that has a call.
    while (starting.length > 0 && ready + starting.length > wanted) starting.pop()
    ready -= Math.min(Math.max(0, ready - wanted), Math.max(0, ready - Math.ceil((short + long) / concurrency)))
    if (second < countedFrom) continue
    told.held += held
    told.requests += arrived
    told.cost += ready + starting.length
  }
  return told
}

/** Reactive scaling that keeps what was needed for so long that it costs at least as much. */
export function reactiveAt(cost: number, options: Omit<SimulationOptions, 'predictive' | 'idleMs'>): Simulated {
  for (let idleMs = 10_000; ; idleMs *= 1.2) {
    const simulated = simulate({ ...options, from: Math.max(0, options.countedFrom - 3600), predictive: false, idleMs })
    if (simulated.cost >= cost || idleMs > 24 * 3_600_000) return simulated
  }
}
