import type { ErrorCode } from '../../errors.ts'
import type { Scope } from './scope.ts'

/** A message to a thread for expressions. */
export interface Task {
  readonly source: string
  readonly scope: Scope
  /** Whether its value is asked for, or only whether that is true. */
  readonly wants: 'value' | 'truth'
  /** Of processor time; a brisk task that takes more is not judged, but to be done elsewhere. */
  readonly milliseconds: number
  readonly brisk: boolean
}

/** Its answer. */
export type TaskEnd = Done | { readonly kind: 'overrun'; readonly cpuMs: number }

export type Done =
  | { readonly kind: 'truth'; readonly truth: boolean; readonly cpuMs: number }
  /** JSON; `undefined`: the expression yields nothing. `isEvent`: it is an object with `specversion`. */
  | {
      readonly kind: 'value'
      readonly json: Uint8Array<ArrayBuffer> | undefined
      readonly isEvent: boolean
      readonly cpuMs: number
    }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly cpuMs: number }
