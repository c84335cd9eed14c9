import type { GatewayConfig } from './config.ts'
import { startHead, type Gateway } from './gateway/head.ts'
import type { Ledger } from './ledger/ledger.ts'
import { createLogger } from './telemetry/log.ts'

/** No settings, since all gateways on a store go by the same; tests have less time, and ledgers that fail. */
interface StoreOverrides {
  /** Claims last this long, in milliseconds, and are renewed while their owner lives. */
  readonly leaseMs?: number
  /** Without workers, the parts that work on the ledger see this in its place. */
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
