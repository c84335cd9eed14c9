import type { GatewayConfig } from './config.ts'
import type { ResolveName } from './delivery/names/resolve-name.ts'
import { startHead, type Gateway } from './gateway/head.ts'
import type { ClientLimits } from './http/listen.ts'
import type { Ledger } from './ledger/ledger.ts'
import { createLogger } from './telemetry/log.ts'

/**
 * No settings: all gateways on a store go by the same, and no machine needs others. Tests have less time, and ledgers and
 * name servers that fail.
 */
export interface GatewayOverrides {
  /** Claims last this long, in milliseconds, and are renewed while their owner lives. */
  readonly leaseMs?: number
  /** Without workers, the parts that work on the ledger see this in its place. */
  readonly decorate?: (ledger: Ledger) => Ledger
  /** In place of the name servers of this machine. */
  readonly resolveName?: ResolveName
  /** Of the data plane. */
  readonly clientLimits?: ClientLimits
}

/**
 * Wires everything and serves. Resolves when local step processes are ready, or failed to be: those are named in the
 * log, and the other pipelines are served. Throws DefinitionError, or what listening throws (EADDRINUSE).
 */
export const startGateway = (
  config: GatewayConfig,
  { leaseMs = 10_000, decorate = ledger => ledger, ...overrides }: GatewayOverrides = {}
): Promise<Gateway> => startHead(config, { leaseMs, decorate, overrides, log: createLogger(config) })
