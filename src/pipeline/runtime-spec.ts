import type { ProcessSpec } from './process-spec.ts'

/** Whether something is to run. */
export type DesiredPhase = 'Running' | 'Paused'

/** The local processes of a step with what is wanted of them at this time: their runner looks at nothing else. */
export interface RuntimeSpec extends ProcessSpec {
  readonly desiredPhase: DesiredPhase
  /** One is to be started once, though nobody calls it: a generation waits for that before it takes over. */
  readonly proves: boolean
}
