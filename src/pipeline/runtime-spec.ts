import type { ProcessSpec } from './plan.ts'

/** Whether something is to run. */
export type DesiredPhase = 'Running' | 'Paused'

/** A local process with what is wanted of it at this time: its runner looks at nothing else. */
export interface RuntimeSpec extends ProcessSpec {
  readonly desiredPhase: DesiredPhase
}
