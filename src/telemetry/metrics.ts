import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { createPipelineInstruments } from './pipeline-instruments.ts'
import { createPipelineMetrics, type PipelineMetrics } from './pipeline-metrics.ts'

/** Values that are read when somebody asks, not when they change. */
export interface MetricSources {
  readonly breakers: () => Iterable<{ readonly origin: string; readonly state: 'closed' | 'halfOpen' | 'open' }>
  /** From 0, spent, to 1, full. */
  readonly retryBudgets: () => Iterable<{ readonly origin: string; readonly ratio: number }>
}

/** The metrics of a gateway (DESIGN section 11). Labels come from definitions only, never from requests. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** The series of one pipeline, bound once. */
  forPipeline(pipeline: string, steps: readonly string[]): PipelineMetrics
  /** Something was refused before it was accepted. */
  shed(reason: string): void
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const instruments = createPipelineInstruments(registers)
  const shed = new Counter({ name: 'sluice_shed_total', help: 'Requests refused before acceptance', labelNames: ['reason'], registers })
  collectStates(sources, registers)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    forPipeline: (pipeline, steps) => createPipelineMetrics(instruments, pipeline, steps),
    shed: reason => shed.inc({ reason })
  }
}

const stateValues = { closed: 0, halfOpen: 1, open: 2 } as const

function collectStates(sources: MetricSources, registers: Registry[]): void {
  new Gauge({
    name: 'sluice_breaker_state',
    help: 'Circuit breaker of an origin: 0 closed, 1 half-open, 2 open',
    labelNames: ['origin'],
    registers,
    collect() {
      this.reset()
      for (const { origin, state } of sources.breakers()) this.set({ origin }, stateValues[state])
    }
  })
  new Gauge({
    name: 'sluice_retry_budget_ratio',
    help: 'Retry budget of an origin that is left: 1 full, 0 spent',
    labelNames: ['origin'],
    registers,
    collect() {
      this.reset()
      for (const { origin, ratio } of sources.retryBudgets()) this.set({ origin }, ratio)
    }
  })
}
