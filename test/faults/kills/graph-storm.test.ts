import { expect, it } from 'vitest'
import { runGraphStorm } from './graph-storm.ts'
import { storeNames } from './stores.ts'

const timeout = 120_000

it.each(storeNames)(
  'branches that had ended are not called again by gateways that are killed under load, nor by replays, with %s',
  { timeout },
  async store => {
    const { figures, broken } = await runGraphStorm({
      store,
      kills: 4,
      seed: 1,
      leastAccepted: 120,
      progress: () => {}
    })
    expect(broken).toEqual([])
    expect(figures['accepted']).toBeGreaterThanOrEqual(120)
    expect(figures['replayed from the failed branch']).toBeGreaterThan(0)
  }
)
