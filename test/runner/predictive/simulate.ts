import { LoadModel } from '../../../src/runner/scaling/load-model.ts'
import { PeakWindow } from '../../../src/runner/scaling/peak-window.ts'
import { instancesFor } from '../../../src/runner/scaling/wanted-instances.ts'
import { createRandom, poisson } from './chance.ts'
import type { Rate } from './load-shapes.ts'
import { Pool, type StepKind } from './simulated-pool.ts'

export interface Simulated {
  /** Requests that found no place in a process that was ready. */
  readonly held: number
  readonly requests: number
  /** Seconds of all processes together, from their starts to their ends. */
  readonly cost: number
}

export interface Simulation {
  readonly rate: Rate
  readonly step: StepKind
  readonly seed: number
  /** The time before this second is learned from, and not counted. */
  readonly countedFrom: number
  readonly until: number
}

export interface Policy {
  readonly predictive: boolean
  /** A process is kept for so long after it was needed, in milliseconds. */
  readonly idleMs: number
  /** Calls that scaling aims at in a process; by default as many as it takes. */
  readonly target?: number
  /** When it begins, in seconds. */
  readonly from: number
}

const bounds = { min: 0, max: 1000 }

/** Runs a load against the functions that decide in a gateway, second by second. */
export function simulate({ rate, step, seed, countedFrom, until }: Simulation, policy: Policy): Simulated {
  const random = createRandom(seed * 2 + 1)
  const pool = new Pool(step, createRandom(seed * 2 + 2))
  const wanted = deciding(step, policy)
  const told = { held: 0, requests: 0, cost: 0 }
  for (let second = policy.from; second < until; second++) {
    const arrived = poisson(rate(second), random)
    const held = pool.arrive(arrived, second)
    pool.scaleTo(wanted(pool.calls, second * 1000), second)
    if (second < countedFrom) continue
    told.held += held
    told.requests += arrived
    told.cost += pool.size
  }
  return told
}

/** The number of processes that a gateway would have. */
function deciding({ concurrency, startSeconds }: StepKind, { predictive, idleMs, target = concurrency }: Policy) {
  const model = new LoadModel()
  const peaks = new PeakWindow()
  // A tick is a second here: a start takes one to begin, and one to be seen.
  const leadMs = (startSeconds + 2) * 1000
  return (calls: number, now: number): number => {
    peaks.note(instancesFor(calls, { target }, bounds), now)
    if (predictive) model.note(calls, now)
    const awaited = predictive ? instancesFor(model.forecast(leadMs), { target }, bounds) : 0
    return Math.max(awaited, peaks.peak(now, idleMs))
  }
}
