import type { Condition } from '../../control/conditions.ts'
import type { GatewayUses } from './gateway-uses.ts'
import type { EntryCounts } from './traffic-counts.ts'

/** The word of one gateway on a pipeline. */
export interface GatewayStatus extends GatewayUses {
  readonly phase?: string
  readonly inFlight?: number
  readonly pending?: number
  readonly deadLetters?: number
  readonly drainedOnPause?: boolean
  readonly generations?: readonly { readonly generation: number; readonly open: number }[]
  readonly conditions?: readonly Condition[]
  readonly steps?: readonly {
    readonly path?: string
    readonly breaker?: string
    readonly traffic?: readonly EntryCounts[]
  }[]
}

export interface GatewayReport {
  /** `host:port`. */
  readonly gateway: string
  /** Another text for another store; `undefined`: a store of its own. */
  readonly store: string | undefined
  /** By `namespace/name`. */
  readonly pipelines: ReadonlyMap<string, GatewayStatus>
}

/** The words of all gateways. */
export interface Reports {
  readonly reports: readonly GatewayReport[]
  /** Those that are there and do not answer, each with its reason. */
  readonly silent: readonly string[]
  /** When they were asked, by `performance.now()`. */
  readonly askedAt: number
}

/** Where no gateway is, nothing is in flight. */
export const nobody = { reports: [], silent: [] }

/** Before anybody was asked. */
export const notAsked: Reports = { ...nobody, askedAt: -Infinity }
