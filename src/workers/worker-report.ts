import type { InFlightStates } from '../mover/in-flight-states.ts'
import type { FamilySnapshot } from '../telemetry/family-snapshot.ts'

/** What a worker tells of itself when the admin plane asks. */
export interface WorkerReport {
  readonly metrics: readonly FamilySnapshot[]
  /** What the stored requests do that it runs. */
  readonly inFlight: InFlightStates
  readonly breakers: readonly { readonly destination: string; readonly state: string }[]
}

/** Of a worker that has not told anything. */
export const noReport: WorkerReport = { metrics: [], breakers: [], inFlight: new Map() }
