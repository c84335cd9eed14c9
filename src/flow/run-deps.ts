import type { DeadLetterSink } from '../delivery/dead-letter-sink.ts'
import type { DeliveryDeps } from '../delivery/destination.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'

/** What the steps of a plan need. */
export interface RunDeps extends DeliveryDeps {
  readonly metrics: PipelineMetrics
  readonly deadLetters: DeadLetterSink
}
