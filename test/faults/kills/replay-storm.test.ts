import { expect, it } from 'vitest'
import { runReplayStorm } from './replay-storm.ts'
import { storeNames } from './stores.ts'

const timeout = 120_000

it.each(storeNames)(
  'a bulk replay whose gateway is killed replays each dead letter once, with %s',
  { timeout },
  async store => {
    const options = { store, letters: 400, rate: 200, kills: 1, seed: 1, progress: () => {} }
    const { broken } = await runReplayStorm(options)
    expect(broken).toEqual([])
  }
)
