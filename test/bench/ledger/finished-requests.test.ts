import { expect, it } from 'vitest'
import { countReplied } from './finished-requests.ts'

it('counts what was stored and has a reply, over all pipelines', () => {
  const metrics = [
    '# TYPE sluice_requests_total counter',
    'sluice_requests_total{pipeline="bench/a",mode="sync",outcome="replied"} 1000',
    'sluice_requests_total{pipeline="bench/a",mode="async",outcome="replied"} 20',
    'sluice_requests_total{pipeline="bench/a",mode="async",outcome="failed"} 300',
    'sluice_requests_total{pipeline="bench/b",mode="async",outcome="replied"} 4',
    'sluice_inflight{pipeline="bench/a"} 5'
  ]
  expect(countReplied(metrics.join('\n'))).toBe(24)
})

it('counts nothing before the first', () => {
  expect(countReplied('sluice_inflight{pipeline="bench/a"} 5\n')).toBe(0)
})
