import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricRegistry } from './registry.ts'

/**
 * Of the process itself, under the names that dashboards for Node know. Disposing stops the watch on the event loop.
 */
export function collectProcessMetrics(registry: MetricRegistry): Disposable {
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const cpu = registry.counter({ name: 'process_cpu_seconds_total', help: 'Processor time of the gateway' }).labels()
  const rss = registry
    .gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory of the gateway', across: 'sum' })
    .labels()
  const heap = registry
    .gauge({ name: 'nodejs_heap_size_used_bytes', help: 'JavaScript heap that is used', across: 'sum' })
    .labels()
  const lagP99 = registry
    .gauge({
      name: 'nodejs_eventloop_lag_p99_seconds',
      help: 'Event loop delay, 99th percentile since the last scrape',
      across: 'max'
    })
    .labels()
  const lagMax = registry
    .gauge({
      name: 'nodejs_eventloop_lag_max_seconds',
      help: 'Longest event loop delay since the last scrape',
      across: 'max'
    })
    .labels()
  registry.onCollect(() => {
    const { user, system } = process.cpuUsage()
    const memory = process.memoryUsage()
    cpu.set((user + system) / 1e6)
    rss.set(memory.rss)
    heap.set(memory.heapUsed)
    lagP99.set(lag.percentile(99) / 1e9)
    lagMax.set(lag.max / 1e9)
    lag.reset()
  })
  return { [Symbol.dispose]: () => void lag.disable() }
}
