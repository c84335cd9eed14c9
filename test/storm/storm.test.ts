import { expect, it } from 'vitest'
import { runStorm } from './storm.ts'

it(
  'honest callers are answered in a storm of bad clients, which leaves no place taken',
  { timeout: 120_000 },
  async () => {
    const { storm, inFlight, told } = await runStorm({ connections: 100, stormMs: 4_000, quietMs: 1_000, calmMs: 0 })
    expect(storm.failures).toEqual([])
    expect(storm.answered).toBeGreaterThan(20)
    expect(inFlight).toBe(0)
    expect(Object.keys(JSON.parse(told) as object)).toHaveLength(5)
  }
)
