import type { GatewayConfig } from './config.ts'
import { startHead } from './gateway/head.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { ServedPipeline } from './pipeline/served-pipeline.ts'
import { createLogger } from './telemetry/log.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
  /** What the store guarantees, in one line. */
  readonly store: string
  /** What is served now, in the order of the definitions. */
  readonly pipelines: () => readonly ServedPipeline[]
  /** How many requests run, of all processes. */
  readonly inFlight: () => Promise<number>
}

/** No settings, since all gateways on a store go by the same; tests have less time, and ledgers that fail. */
interface StoreOverrides {
  /** Claims last this long, in milliseconds, and are renewed while their owner lives. */
  readonly leaseMs?: number
  /** What works on the ledger, without workers, sees this in its place. */
  readonly decorate?: (ledger: Ledger) => Ledger
}

/**
 * Wires everything and serves. Resolves when local step processes are ready, or failed to be: those are named in the
 * log, and the other pipelines are served. Throws DefinitionError, or what listening throws (EADDRINUSE).
 */
export const startGateway = (
  config: GatewayConfig,
  { leaseMs = 10_000, decorate = ledger => ledger }: StoreOverrides = {}
): Promise<Gateway> => startHead(config, { leaseMs, decorate, log: createLogger(config) })
