import { expect, it } from 'vitest'
import { runStorm } from './storm.ts'
import { stores, type StoreName } from './stores.ts'

const names = Object.keys(stores) as StoreName[]

it.each(names)(
  'what was accepted survives gateways that are killed under load, with %s',
  { timeout: 120_000 },
  async store => {
    const { figures, broken } = await runStorm({ store, kills: 4, seed: 1, leastAccepted: 500, progress: () => {} })
    expect(broken).toEqual([])
    expect(figures['accepted']).toBeGreaterThanOrEqual(500)
  }
)
