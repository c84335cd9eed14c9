import { describe, expect, it } from 'vitest'
import { storeNames } from '../kills/stores.ts'
import { edits, original } from './edits.ts'
import { runRoll } from './roll.ts'
import { runSideBySide } from './side-by-side.ts'

const quick = { seed: 1, progress: () => {}, rate: 60 }
const timeout = 120_000

it('two replicas with different files skip and double no step under load', { timeout }, async () => {
  const { figures, broken } = await runSideBySide({ ...quick, ms: 2_000 })
  expect(broken).toEqual([])
  const first = figures['of them with the first definition'] ?? 0
  expect(first).toBeGreaterThan(20)
  expect((figures['accepted'] ?? 0) - first).toBeGreaterThan(20)
})

/** Each kind of edit once; which store and which signal it gets is of no weight for it. */
const rolls = Object.entries(edits).map(([edit, steps], i) => ({
  edit,
  steps,
  store: storeNames[i % storeNames.length] ?? 'redis',
  signal: i % 4 < 2 ? ('SIGKILL' as const) : ('SIGTERM' as const)
}))

describe('an edit under load, between two gateways', () => {
  it.each(rolls)('$edit, on $store by $signal', { timeout }, async ({ steps, store, signal }) => {
    const { figures, broken } = await runRoll({
      ...quick,
      store,
      signal,
      from: { steps: original },
      to: { steps },
      ms: 500
    })
    expect(broken).toEqual([])
    expect(figures['of them with the first definition']).toBeGreaterThan(10)
    expect(figures['accepted']).toBeGreaterThan(figures['of them with the first definition'] ?? 0)
  })
})
