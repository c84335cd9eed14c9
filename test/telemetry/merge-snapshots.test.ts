import { expect, it } from 'vitest'
import { exposition } from '../../src/telemetry/exposition.ts'
import type { FamilySnapshot } from '../../src/telemetry/family-snapshot.ts'
import { mergeSnapshots } from '../../src/telemetry/merge-snapshots.ts'
import { MetricRegistry } from '../../src/telemetry/registry.ts'

const textOf = (families: readonly FamilySnapshot[]): string => [...exposition(families)].join('')

/** The metrics of one process, in which everything has the value. */
function aProcess(value: number, origin: string) {
  const registry = new MetricRegistry()
  const labelNames = ['origin']
  registry.counter({ name: 'calls', help: 'C', labelNames }).labels(origin).add(value)
  registry.gauge({ name: 'running', help: 'S', across: 'sum' }).labels().set(value)
  registry.gauge({ name: 'state', help: 'X', across: 'max' }).labels().set(value)
  registry.gauge({ name: 'left', help: 'N', across: 'min' }).labels().set(value)
  registry
    .histogram({ name: 'seconds', help: 'H', bounds: [2, 4] })
    .labels()
    .observe(value)
  return registry.snapshot()
}

it('makes one exposition of those of several processes', () => {
  const merged = mergeSnapshots([aProcess(1, 'a'), aProcess(3, 'a'), aProcess(5, 'b')])
  expect(textOf(merged)).toBe(`# HELP calls C
# TYPE calls counter
calls{origin="a"} 4
calls{origin="b"} 5
# HELP running S
# TYPE running gauge
running 9
# HELP state X
# TYPE state gauge
state 5
# HELP left N
# TYPE left gauge
left 1
# HELP seconds H
# TYPE seconds histogram
seconds_bucket{le="2"} 1
seconds_bucket{le="4"} 2
seconds_bucket{le="+Inf"} 3
seconds_sum 9
seconds_count 3
`)
})

it('leaves what it was given as it is', () => {
  const [first, second] = [aProcess(1, 'a'), aProcess(2, 'a')]
  mergeSnapshots([first, second])
  expect(textOf(first)).toContain('calls{origin="a"} 1\n')
})
