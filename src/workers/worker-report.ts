import type { FamilySnapshot } from '../telemetry/family-snapshot.ts'

/** What a worker tells of itself when the admin plane asks. */
export interface WorkerReport {
  readonly metrics: readonly FamilySnapshot[]
  readonly breakers: readonly { readonly origin: string; readonly state: string }[]
}
