import type { LookUp } from '../control/look-up.ts'
import type { AttemptCounts } from '../flow/traffic/attempt-counts.ts'
import type { Turns } from '../flow/traffic/turns.ts'
import type { Places } from '../delivery/places.ts'
import type { Processes } from '../delivery/processes.ts'
import type { ServiceStates } from '../delivery/service-states.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'

/**
 * The controlling part of a gateway, as the part that takes requests sees it, be it in this process or in the primary.
 */
export interface HeadView {
  readonly processes: Processes
  /** Behind which Services of deployed steps nothing is ready. */
  readonly services: ServiceStates
  /** Of destinations whose calls at once are limited, for all processes of the gateway together. */
  readonly places: Places
  /** Whose turn it is in traffic, for all processes of the gateway together. */
  readonly turns: Turns
  /** Is told of attempts of entries of traffic. */
  readonly attempts: Pick<AttemptCounts, 'tell'>
  /** Is told of lanes that wait for a breaker. */
  readonly hold: (pipeline: string, ms: number, waiting: Waiting) => void
  /** Has these processes run for former generations, and none that it was told before. */
  readonly needProcesses: (specs: readonly ProcessSpec[]) => void
  /** Of definitions beside those that it has told. */
  readonly lookUp: LookUp
  /** Stops the run of the request in whatever process it is. */
  readonly cancel: (pipeline: string, id: string) => void
  /** The ledger; disposing closes what was opened for this process alone. Throws STORE_UNAVAILABLE. */
  readonly openLedger: () => Promise<{ readonly ledger: Ledger } & AsyncDisposable>
}
