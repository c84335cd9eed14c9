import type { LoadGenerator } from './load.ts'

/** Every part of the benchmark is given this. */
export interface BenchContext {
  /** The gateway's `main.ts`. */
  readonly main: string
  /** Short rounds: to see that it works, not to quote. */
  readonly quick: boolean
  readonly runLoad: LoadGenerator
  /** Tells a person who waits what is being measured. */
  readonly progress: (message: string) => void
}

/** A part of the benchmark: measures, and gives its result in Markdown. */
export type BenchPart = (context: BenchContext) => Promise<string>
