import type { HealthCheck } from '../admin/health.ts'
import type { BreakerRouteDeps } from '../admin/breaker-routes.ts'
import type { ServedChanges, Standing } from '../control/served.ts'
import type { InFlightStates } from '../mover/in-flight-states.ts'

/** All processes of this gateway that take requests, as what controls them sees them. Disposing drains them. */
export interface Servers extends AsyncDisposable {
  /** Takes requests from now on; answers the URL of the data plane. */
  start(): Promise<string>
  /** Resolves when each process serves so. */
  apply(changes: ServedChanges): Promise<void>
  /** The requests of these pipelines that are in flight, of all processes together. */
  standing(pipelines: readonly string[]): Promise<readonly Standing[]>
  /** The store is open: there may be work in it. */
  storeOpened(): void
  /** Files of secrets and certificates are to be read again, also in other processes. */
  readAgain(): void
  /** The processes of a step have moved. */
  located(key: string): void
  readonly checks: readonly HealthCheck[]
  readonly breakers: BreakerRouteDeps['breakers']
  readonly inFlight: () => InFlightStates | Promise<InFlightStates>
  /** The exposition of the metrics of all, in pieces. */
  readonly metrics: () => Iterable<string> | Promise<Iterable<string>>
}
