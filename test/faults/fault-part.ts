import type { Audit } from './kills/accounting.ts'

/** Every part of the fault tests is told this. */
export interface FaultOptions {
  /** As many as the part says when it is `undefined`. */
  readonly kills: number | undefined
  /** Repeats the moments of the kills. */
  readonly seed: number
  /** The folder of a checkout of an earlier version of the project. */
  readonly before?: string | undefined
  /** Tells a person who waits how far it is. */
  readonly progress: (message: string) => void
}

/** A part of the fault tests: breaks things, and tells what became of the promises. */
export type FaultPart = (options: FaultOptions) => Promise<Audit>
