import { expect, it } from 'vitest'
import { comparisonTable, median } from './comparison.ts'

it('sets medians beside each other, with their ratio', () => {
  const figures = [
    { name: 'req/s', left: [900, 1000, 5000], right: [2000, 2500, 100] },
    { name: 'errors', left: [0], right: [1] }
  ]
  expect(comparisonTable({ title: 'throughput', left: 'floor', right: 'gateway', figures })).toBe(
    [
      '| throughput | floor | gateway | gateway / floor |',
      '| ---------- | ----: | ------: | --------------: |',
      '| req/s      | 1,000 |   2,000 |            2.00 |',
      '| errors     |  0.00 |    1.00 |                 |'
    ].join('\n')
  )
})

it.each([
  [[3, 1, 2], 2],
  [[10, 2, 1, 4], 3],
  [[7], 7]
])('has for %j the median %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})
