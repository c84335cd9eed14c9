import type { MetricRegistry } from './registry.ts'

/** The metrics that have a series for each pipeline. */
export type PipelineInstruments = ReturnType<typeof createPipelineInstruments>

/** Up to an hour: a stored request may wait for long. */
const durationBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600
]
const overheadBounds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1]

export function createPipelineInstruments(registry: MetricRegistry) {
  return {
    requests: registry.counter({
      name: 'sluice_requests_total',
      help: 'Requests that ended, by outcome; mode is sync where the caller waited, async for stored ones',
      labelNames: ['pipeline', 'mode', 'outcome']
    }),
    duration: registry.histogram({
      name: 'sluice_request_duration_seconds',
      help: 'From the arrival of a request to its outcome, or for a stored one from its acceptance',
      labelNames: ['pipeline', 'mode', 'outcome'],
      bounds: durationBounds
    }),
    stepDuration: registry.histogram({
      name: 'sluice_step_duration_seconds',
      help: 'Time in a step, its retries included; outcome held: put back to run later',
      labelNames: ['pipeline', 'step', 'outcome'],
      bounds: durationBounds
    }),
    attempts: registry.counter({
      name: 'sluice_step_attempts_total',
      help: 'Calls of a step, retries included',
      labelNames: ['pipeline', 'step']
    }),
    hedges: registry.counter({
      name: 'sluice_hedges_total',
      help: 'Calls of a step beside one that was slow',
      labelNames: ['pipeline', 'step']
    }),
    cacheHits: registry.counter({
      name: 'sluice_cache_hits_total',
      help: 'Calls of a step that were not made, because a reply to the same input was there or under way',
      labelNames: ['pipeline', 'step']
    }),
    ...createTrafficInstruments(registry),
    overhead: registry.histogram({
      name: 'sluice_overhead_seconds',
      help: 'Time of a request in the gateway itself, without its steps',
      labelNames: ['pipeline'],
      bounds: overheadBounds
    }),
    inflight: registry.gauge({
      name: 'sluice_inflight',
      help: 'Requests that run now on this replica',
      labelNames: ['pipeline'],
      across: 'sum'
    })
  }
}

/** Of the entries of traffic, and of copies of calls. */
const createTrafficInstruments = (registry: MetricRegistry) => ({
  entryAttempts: registry.counter({
    name: 'sluice_traffic_attempts_total',
    help: 'Calls of an entry of traffic, those included that its open breaker refused; outcome ok or failed',
    labelNames: ['pipeline', 'step', 'tag', 'outcome']
  }),
  entryDuration: registry.histogram({
    name: 'sluice_traffic_duration_seconds',
    help: 'Time of a call of an entry of traffic',
    labelNames: ['pipeline', 'step', 'tag'],
    bounds: durationBounds
  }),
  copies: registry.counter({
    name: 'sluice_mirror_calls_total',
    help: 'Copies of calls to a mirror; outcome replied, failed or dropped',
    labelNames: ['pipeline', 'step', 'outcome']
  })
})
