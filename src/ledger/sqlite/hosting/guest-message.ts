import type { Operation, OperationResult } from '../operations.ts'

/** A message of a process without the store to the one that has it. */
export interface GuestMessage {
  readonly operations: readonly Operation[]
  /** Requests whose changes are waited for; looked at before the operations. */
  readonly follow: readonly Followed[]
  /** Numbers of those that are waited for no more. */
  readonly unfollow: readonly number[]
}

export interface Followed {
  readonly no: number
  readonly pipeline: string
  readonly id: string
}

/** A message to it. */
export interface HostMessage {
  /** In the order of its operations. */
  readonly results: readonly OperationResult<never>[]
  /** Numbers of the followed requests that have a new version. */
  readonly changed: readonly number[]
  /** Pipelines that may have something to claim. */
  readonly work: readonly string[]
}
