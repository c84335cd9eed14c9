import { afterEach, describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, type MetricSources } from '../../src/telemetry/metrics.ts'
import { parseExposition } from './exposition.ts'

const opened = new Set<Disposable>()

afterEach(() => {
  for (const metrics of opened) metrics[Symbol.dispose]()
  opened.clear()
})

const nothing: MetricSources = {
  breakers: () => [],
  retryBudgets: () => [],
  waitingCalls: () => [],
  heldCalls: () => [],
  serviceCalls: () => []
}

const textOf = (metrics: Metrics): string => [...metrics.chunks()].join('')

function startMetrics(sources: Partial<MetricSources> = {}) {
  const metrics = createMetrics({ ...nothing, ...sources })
  opened.add(metrics)
  const lines = (start: string): string[] =>
    textOf(metrics)
      .split('\n')
      .filter(line => line.startsWith(start))
  return { metrics, lines }
}

describe('the metrics of a pipeline', () => {
  it('count its requests by how the caller waits and how they ended', () => {
    const { metrics, lines } = startMetrics()
    const comments = metrics.forPipeline('default/comments', ['filter'])
    for (const outcome of ['replied', 'replied', 'failed'] as const) {
      comments.started()
      comments.ended('sync', outcome, 0.02, 0.001)
    }
    comments.started()
    comments.ran()
    comments.ended('async', 'replied', 0.02, 0.001)
    expect(lines('sluice_requests_total')).toEqual([
      'sluice_requests_total{pipeline="default/comments",mode="sync",outcome="replied"} 2',
      'sluice_requests_total{pipeline="default/comments",mode="sync",outcome="failed"} 1',
      'sluice_requests_total{pipeline="default/comments",mode="async",outcome="replied"} 1'
    ])
  })

  it('know the requests that run now', () => {
    const { metrics, lines } = startMetrics()
    const comments = metrics.forPipeline('default/comments', [])
    comments.started()
    comments.started()
    comments.ended('sync', 'replied', 1, 0)
    comments.ran()
    expect(lines('sluice_inflight')).toEqual(['sluice_inflight{pipeline="default/comments"} 1'])
  })

  it('sort durations into cumulative buckets', () => {
    const { metrics, lines } = startMetrics()
    const comments = metrics.forPipeline('default/comments', [])
    for (const seconds of [0.001, 0.03, 100]) comments.ended('sync', 'replied', seconds, 0)
    const labels = 'pipeline="default/comments",mode="sync",outcome="replied"'
    const found = lines('sluice_request_duration_seconds')
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="0.001"} 1`)
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="0.025"} 1`)
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="0.05"} 2`)
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="30"} 2`)
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="120"} 3`)
    expect(found).toContain(`sluice_request_duration_seconds_bucket{${labels},le="3600"} 3`)
    expect(found.slice(-3)).toEqual([
      `sluice_request_duration_seconds_bucket{${labels},le="+Inf"} 3`,
      `sluice_request_duration_seconds_sum{${labels}} 100.031`,
      `sluice_request_duration_seconds_count{${labels}} 3`
    ])
  })

  it('tell the time in the gateway itself', () => {
    const { metrics, lines } = startMetrics()
    metrics.forPipeline('default/comments', []).ended('sync', 'replied', 1, 0.0002)
    expect(lines('sluice_overhead_seconds_sum')).toEqual([
      'sluice_overhead_seconds_sum{pipeline="default/comments"} 0.0002'
    ])
  })

  it('tell the steps apart, their outcomes and their attempts', () => {
    const { metrics, lines } = startMetrics()
    const comments = metrics.forPipeline('default/comments', ['filter', 'sentiment'])
    comments.attempt('filter')
    comments.attempt('filter')
    comments.stepFinished('filter', 'replied', 0.1)
    comments.stepFinished('sentiment', 'passed', 0.2)
    expect(lines('sluice_step_attempts_total')).toEqual([
      'sluice_step_attempts_total{pipeline="default/comments",step="filter"} 2',
      'sluice_step_attempts_total{pipeline="default/comments",step="sentiment"} 0'
    ])
    expect(lines('sluice_step_duration_seconds_count')).toEqual([
      'sluice_step_duration_seconds_count{pipeline="default/comments",step="filter",outcome="replied"} 1',
      'sluice_step_duration_seconds_count{pipeline="default/comments",step="sentiment",outcome="passed"} 1'
    ])
  })

  it('have no labels but those of the definition', () => {
    const { metrics, lines } = startMetrics()
    const comments = metrics.forPipeline('default/comments', ['filter'])
    comments.attempt('from-a-request')
    comments.stepFinished('from-a-request', 'replied', 1)
    expect(lines('')).not.toContainEqual(expect.stringContaining('from-a-request'))
  })

  it('go on counting when the pipeline comes in a new generation', () => {
    const { metrics, lines } = startMetrics()
    for (const steps of [['filter'], ['filter', 'sentiment']]) {
      metrics.forPipeline('default/comments', steps).ended('sync', 'replied', 1, 0)
    }
    expect(lines('sluice_requests_total')).toEqual([
      'sluice_requests_total{pipeline="default/comments",mode="sync",outcome="replied"} 2'
    ])
  })
})

describe('the metrics of a gateway', () => {
  it('read breakers and retry budgets when somebody asks', () => {
    const open: { destination: string; state: 'closed' | 'halfOpen' | 'open' }[] = [
      { destination: 'http://a', state: 'open' },
      { destination: 'http://b', state: 'halfOpen' }
    ]
    const { lines } = startMetrics({ breakers: () => open, retryBudgets: () => [{ origin: 'http://a', ratio: 0.5 }] })
    expect(lines('sluice_breaker_state')).toEqual([
      'sluice_breaker_state{destination="http://a"} 2',
      'sluice_breaker_state{destination="http://b"} 1'
    ])
    expect(lines('sluice_retry_budget_ratio')).toEqual(['sluice_retry_budget_ratio{origin="http://a"} 0.5'])
    open.splice(0, 2, { destination: 'http://b', state: 'closed' })
    expect(lines('sluice_breaker_state')).toEqual(['sluice_breaker_state{destination="http://b"} 0'])
  })

  it('count what was refused before acceptance', () => {
    const { metrics, lines } = startMetrics()
    metrics.shed('OVERLOADED')
    metrics.shed('OVERLOADED')
    expect(lines('sluice_shed_total')).toEqual(['sluice_shed_total{reason="OVERLOADED"} 2'])
  })

  it('tell about the process', () => {
    const { lines } = startMetrics()
    const value = (name: string): number => Number(lines(`${name} `)[0]?.split(' ')[1])
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6)
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  })

  it('belong to it alone: two gateways in one process do not add up', () => {
    const [one, two] = [startMetrics(), startMetrics()]
    one.metrics.shed('OVERLOADED')
    expect(two.lines('sluice_shed_total')).toEqual([])
  })
})

describe('the exposition', () => {
  it('escapes labels', () => {
    const { lines } = startMetrics({ breakers: () => [{ destination: 'a"b\\c\nd', state: 'open' }] })
    expect(lines('sluice_breaker_state')).toEqual(['sluice_breaker_state{destination="a\\"b\\\\c\\nd"} 2'])
  })

  it('is text of version 0.0.4', () => {
    const { metrics } = startMetrics({ breakers: () => [{ destination: 'a"b\\c\nd,e="f"}', state: 'open' }] })
    const comments = metrics.forPipeline('default/comments', ['filter'])
    comments.attempt('filter')
    for (const seconds of [0, 0.001, 0.1, 30, 31]) {
      comments.started()
      comments.stepFinished('filter', 'replied', seconds)
      comments.ended('sync', 'replied', seconds, 0)
    }
    const families = parseExposition(textOf(metrics))
    expect(families.get('sluice_breaker_state')).toEqual({
      type: 'gauge',
      help: 'Circuit breaker of a destination: 0 closed, 1 half-open, 2 open',
      samples: [{ name: 'sluice_breaker_state', labels: { destination: 'a"b\\c\nd,e="f"}' }, value: 2 }]
    })
    expect(families.get('sluice_step_duration_seconds')?.type).toBe('histogram')
  })
})
