import type { Shape } from './load-shapes.ts'
import { simulate, type Policy, type Simulated, type Simulation } from './simulate.ts'
import type { StepKind } from './simulated-pool.ts'

export interface Comparison {
  readonly predictive: Simulated
  /** Reactive scaling that keeps processes for just so long that it costs no less. */
  readonly reactive: Simulated
  /** The part of the requests that waits with reactive scaling, and does not with predictive. */
  readonly fewer: number
}

const hour = 3_600
const dayMs = 24 * hour * 1000
const tries = 9

/** A shape of a load, for a step and by one run of chance, in both kinds of scaling at the same cost. */
export function compare(shape: Shape, step: StepKind, seed: number): Comparison {
  const simulation = { ...shape, rate: shape.rate(seed), step, seed }
  const predictive = simulate(simulation, { predictive: true, idleMs: 60_000, from: 0 })
  const reactive = cheapestFrom(predictive.cost, simulation, [5_000, dayMs], idleMs => ({ idleMs }))
  return { predictive, reactive, fewer: fewer(predictive, reactive) }
}

/** The same for reactive scaling that leaves room in each process instead, as Knative's target does. */
export function compareRoom(shape: Shape, step: StepKind, seed: number, predictive: Simulated): number {
  const simulation = { ...shape, rate: shape.rate(seed), step, seed }
  const room = [1, 20] as const
  const reactive = cheapestFrom(predictive.cost, simulation, room, of => ({ target: step.concurrency / of }))
  return fewer(predictive, reactive)
}

const fewer = (one: Simulated, other: Simulated): number => 1 - one.held / one.requests / (other.held / other.requests)

/** The cheapest that costs at least so much, where a larger setting costs more. */
function cheapestFrom(
  cost: number,
  simulation: Simulation,
  [least, most]: readonly [number, number],
  policyOf: (setting: number) => Partial<Policy>
): Simulated {
  const at = (setting: number): Simulated => {
    const policy = { predictive: false, idleMs: 60_000, ...policyOf(setting) }
    // It knows what it would know had it run all the time.
    const from = Math.max(0, simulation.countedFrom - Math.max(hour, Math.ceil(policy.idleMs / 1000)))
    return simulate(simulation, { ...policy, from })
  }
  let [low, high] = [least, most]
  let best = at(high)
  for (let i = 0; i < tries; i++) {
    const middle = Math.sqrt(low * high)
    const found = at(middle)
    if (found.cost < cost) low = middle
    else [best, high] = [found, middle]
  }
  return best
}
