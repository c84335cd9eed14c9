import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The metrics that have a series for each pipeline. */
export type PipelineInstruments = ReturnType<typeof createPipelineInstruments>

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const overheadBuckets = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1]

export function createPipelineInstruments(registers: Registry[]) {
  return {
    requests: new Counter({
      name: 'sluice_requests_total',
      help: 'Requests that ended, by outcome',
      labelNames: ['pipeline', 'mode', 'outcome'],
      registers
    }),
    duration: new Histogram({
      name: 'sluice_request_duration_seconds',
      help: 'From the arrival of a request to its outcome',
      labelNames: ['pipeline', 'mode'],
      buckets: durationBuckets,
      registers
    }),
    stepDuration: new Histogram({
      name: 'sluice_step_duration_seconds',
      help: 'Time in a step, its retries included',
      labelNames: ['pipeline', 'step', 'outcome'],
      buckets: durationBuckets,
      registers
    }),
    attempts: new Counter({
      name: 'sluice_step_attempts_total',
      help: 'Calls of a step, retries included',
      labelNames: ['pipeline', 'step'],
      registers
    }),
    overhead: new Histogram({
      name: 'sluice_overhead_seconds',
      help: 'Time in the gateway itself, without its steps',
      labelNames: ['pipeline'],
      buckets: overheadBuckets,
      registers
    }),
    inflight: new Gauge({ name: 'sluice_inflight', help: 'Requests that run now', labelNames: ['pipeline'], registers })
  }
}
