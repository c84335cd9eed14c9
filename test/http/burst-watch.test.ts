import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BodyMemory } from '../../src/event/body-memory.ts'
import { BurstWatch } from '../../src/http/burst-watch.ts'

const limit = 6_400
const small = 100

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Each change is one of the memory between one look and the next; answers how many bursts were over after each. */
function looks(...times: readonly (readonly number[])[]): readonly number[] {
  const memory = new BodyMemory(limit)
  let over = 0
  using opened = new DisposableStack()
  opened.use(new BurstWatch(memory, () => over++, 1_000))
  return times.map(changes => {
    for (const octets of changes) memory.add(octets)
    vi.advanceTimersByTime(1_000)
    return over
  })
}

const nothing: readonly (readonly number[])[] = Array.from({ length: 10 }, () => [])

it('tells that a burst is over when hardly anything was held for a whole turn, and after ten of them', () => {
  expect(looks([4_000], [-4_000], ...nothing, [])).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2])
})

it('sees a burst that came and went between two looks', () => {
  expect(looks([4_000, -4_000], [], [])).toEqual([0, 1, 1])
})

it('says nothing as long as something comes and goes', () => {
  expect(looks([4_000], [-3_000, 1_000, -2_000], [2 * small, -2 * small], [small, -small])).toEqual([0, 0, 0, 1])
})

it('says nothing where little was held', () => {
  expect(looks([1_600], [-1_600], ...nothing).at(-1)).toBe(0)
})

it('tells of each burst', () => {
  expect(looks([4_000, -4_000], [], [4_000, -4_000], ...nothing).at(-1)).toBe(3)
})
