import { expect, it } from 'vitest'
import { runStorm } from './storm.ts'
import { storeNames } from './stores.ts'

const timeout = 120_000

it.each(storeNames)(
  'what was accepted survives gateways that are killed under load, with %s',
  { timeout },
  async store => {
    const { figures, broken } = await runStorm({ store, kills: 3, seed: 1, leastAccepted: 300, progress: () => {} })
    expect(broken).toEqual([])
    expect(figures['accepted']).toBeGreaterThanOrEqual(300)
  }
)
