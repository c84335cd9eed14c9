import { MetricRegistry } from '../../telemetry/registry.ts'

/** The counts of a controller. */
export class ControllerMetrics {
  readonly #registry = new MetricRegistry()
  readonly leads = this.#registry.gauge({
    name: 'sluice_controller_leads',
    help: 'Whether this controller leads.',
    across: 'sum'
  })
  readonly queue = this.#registry.gauge({
    name: 'sluice_controller_queue',
    help: 'Pipelines that wait to be looked at.',
    across: 'sum'
  })
  readonly looks = this.#registry.counter({
    name: 'sluice_controller_looks_total',
    help: 'How often a pipeline was looked at.'
  })
  readonly writes = this.#registry.counter({
    name: 'sluice_controller_status_writes_total',
    help: 'How often a status was written.'
  })
  readonly faults = this.#registry.counter({
    name: 'sluice_controller_faults_total',
    help: 'How often a look failed, and was tried again.'
  })

  onCollect(collect: () => void): void {
    this.#registry.onCollect(collect)
  }

  chunks(): Iterable<string> {
    return this.#registry.chunks()
  }
}
