import { inFlightState, type InFlightState } from './in-flight-state.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { InFlight } from './in-flight.ts'

/** How far a request is, and its steps. */
export interface Running {
  readonly state: InFlightState
  readonly steps: readonly StepNow[]
}

/** The stored requests that run now, by `requestKey`. */
export type InFlightStates = ReadonlyMap<string, Running>

/** All that run on this replica; none while the store is not open. */
export function inFlightStates(inFlight: InFlight | undefined): InFlightStates {
  const states = new Map<string, Running>()
  for (const entry of inFlight?.entries ?? []) {
    const state = inFlightState(entry)
    if (state !== undefined) states.set(requestKey(entry.claimed), { state, steps: entry.watch.steps })
  }
  return states
}

/** Names a request among those of all pipelines. */
export const requestKey = ({ pipeline, id }: { readonly pipeline: string; readonly id: string }): string =>
  `${pipeline} ${id}`
