import { expect, it } from 'vitest'
import { runRandomGraphs } from './random-graphs.ts'
import { storeNames } from './stores.ts'

it.each(storeNames)(
  'random graphs do what they mean when their gateway is killed, with %s',
  { timeout: 120_000 },
  async store => {
    const { figures, broken } = await runRandomGraphs({ store, count: 4, kills: 4, seed: 11, progress: () => {} })
    expect(broken).toEqual([])
    expect(figures['requests']).toBe(32)
  }
)
