import { inFlightState, type InFlightState } from './in-flight-state.ts'
import type { InFlight } from './in-flight.ts'

/** How far stored requests are now, by `requestKey`. */
export type InFlightStates = ReadonlyMap<string, InFlightState>

/** All that run on this replica; none while the store is not open. */
export function inFlightStates(inFlight: InFlight | undefined): InFlightStates {
  const states = new Map<string, InFlightState>()
  for (const entry of inFlight?.entries ?? []) {
    const state = inFlightState(entry)
    if (state !== undefined) states.set(requestKey(entry.claimed), state)
  }
  return states
}

/** Names a request among those of all pipelines. */
export const requestKey = ({ pipeline, id }: { readonly pipeline: string; readonly id: string }): string =>
  `${pipeline} ${id}`
