import type { InFlightStates } from '../mover/in-flight-states.ts'
import type { FamilySnapshot } from '../telemetry/family-snapshot.ts'

/** The report of a worker when the admin plane asks. */
export interface WorkerReport {
  readonly metrics: readonly FamilySnapshot[]
  /** The stored requests that it runs, and how far they are. */
  readonly inFlight: InFlightStates
  readonly breakers: readonly { readonly destination: string; readonly state: string }[]
}

/** Of a worker that has not told anything. */
export const noReport: WorkerReport = { metrics: [], breakers: [], inFlight: new Map() }
