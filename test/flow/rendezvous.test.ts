import { describe, expect, it } from 'vitest'
import { rendezvous, type Weighted } from '../../src/flow/rendezvous.ts'

const keys = Array.from({ length: 10_000 }, (_, i) => `"user-${i}"`)
const choose = (choices: readonly Weighted[]) => keys.map(key => rendezvous(key, choices).name)
const share = (chosen: readonly string[], name: string) => chosen.filter(one => one === name).length / keys.length

const stable = { name: 'stable', weight: 90 }
const canary = { name: 'canary', weight: 10 }

describe('rendezvous hashing', () => {
  it.each([[[90, 10]], [[1, 1, 1]], [[5, 3, 2, 0]], [[0.2, 0.8]]])(
    'gives each of %s its share within 1 %%',
    weights => {
      const sum = weights.reduce((a, b) => a + b)
      const chosen = choose(weights.map((weight, i) => ({ name: `c${i}`, weight })))
      weights.forEach((weight, i) => expect(Math.abs(share(chosen, `c${i}`) - weight / sum)).toBeLessThan(0.01))
    }
  )

  it('moves only the share that it must when a weight changes', () => {
    const before = choose([stable, canary])
    const after = choose([stable, { ...canary, weight: 30 }])
    const moved = before.filter((name, i) => name !== after[i]).length / keys.length
    expect(Math.abs(moved - (30 / 120 - 10 / 100))).toBeLessThan(0.01)
    // Nobody goes the other way.
    expect(before.some((name, i) => name === 'canary' && after[i] === 'stable')).toBe(false)
  })

  it('moves only the share of a choice that is added, whatever the order of the choices', () => {
    const before = choose([stable, canary])
    const after = choose([{ name: 'new', weight: 25 }, canary, stable])
    expect(before.filter((name, i) => name !== after[i] && after[i] !== 'new')).toEqual([])
    expect(Math.abs(share(after, 'new') - 25 / 125)).toBeLessThan(0.01)
  })
})
