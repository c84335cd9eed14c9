import type { BranchFailure, DataFault, UpstreamBody } from '../../errors.ts'

/** Why a step failed. */
export interface Cause {
  readonly code: string
  readonly message: string
  /** The name of the failing step; `undefined`: the delivery of the reply failed. */
  readonly step: string | undefined
  /** Where the failing step stands. */
  readonly path: string | undefined
  readonly attempts: number
  readonly upstreamStatus: number | undefined
  /** The answer of the failing step. */
  readonly upstreamBody: UpstreamBody | undefined
  /** How often the request was delivered, when the claim that settled it was no delivery; `undefined`: it was one. */
  readonly deliveries: number | undefined
  /** Of a step with branches: each failure in it, in the order of time. */
  readonly failures?: readonly BranchFailure[]
  /** Of data that did not match its contract. */
  readonly faults?: readonly DataFault[]
}
