import type { Replies } from '../delivery/cached.ts'
import type { DeadLetterSink } from '../delivery/dead-letter-sink.ts'
import type { Deliver } from '../delivery/deliver.ts'
import type { DestinationOptions } from '../delivery/destination.ts'
import type { BodyMemory } from '../event/body-memory.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { Logger } from '../telemetry/log.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import type { AttemptCounts } from './traffic/attempt-counts.ts'
import type { Turns } from './traffic/turns.ts'

/** The things that the steps of a plan need. */
export interface RunDeps {
  /** Delivers to a destination with its retries, its breaker and its timeout. */
  readonly deliverTo: (destination: Destination, options: DestinationOptions) => Deliver
  /** The URL of a destination as it stands now; `undefined`: it has none. */
  readonly urlOf: (destination: Destination) => string | undefined
  readonly turns: Turns
  readonly attempts: Pick<AttemptCounts, 'tell'>
  readonly memory: BodyMemory
  readonly metrics: PipelineMetrics
  /** Of steps with a cache, shared by all pipelines. */
  readonly replies: Replies
  readonly deadLetters: DeadLetterSink
  readonly log: Logger
}
