import { expect, it } from 'vitest'
import { Resources } from '../../src/control/resources.ts'

it('a watch in which nothing happens tells so, and ends when its caller goes', async () => {
  const ending = new AbortController()
  let watching = 0
  const resources = new Resources({
    reconciler: {
      entries: [],
      get: () => undefined,
      keptDefinitions: undefined,
      watch() {
        watching++
        return { [Symbol.dispose]: () => void watching-- }
      }
    },
    standing: () => Promise.resolve([]),
    ledger: () => undefined,
    healthOf: () => undefined,
    trafficOf: () => [],
    rolloutsOf: () => [],
    breakers: () => Promise.resolve(() => 'closed'),
    url: () => ''
  })
  const told: unknown[] = []
  for await (const change of resources.watch(
    { kind: 'ServingPipeline' },
    { changesOnly: false, quietMs: 5, signal: ending.signal }
  )) {
    told.push(change)
    expect(watching).toBe(1)
    if (told.length === 3) ending.abort()
  }
  expect(told).toEqual([undefined, undefined, undefined])
  expect(watching).toBe(0)
})
