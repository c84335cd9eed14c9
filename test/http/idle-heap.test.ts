import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { IdleHeap } from '../../src/http/idle-heap.ts'

const MiB = 2 ** 20

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Look {
  /** Milliseconds of work since the look before. */
  readonly works?: number
  /** MiB that are held. */
  readonly holds?: number
  /** MiB of them without an object. */
  readonly room?: number
}

/** Answers how many collections there were after each of the looks. */
function looks(...times: readonly Look[]): readonly number[] {
  let worked = 0
  let held = 0
  let room = 0
  let collections = 0
  using opened = new DisposableStack()
  const collect = () => void collections++
  opened.use(new IdleHeap({ worked: () => worked, held: () => held, used: () => held - room, collect, everyMs: 1_000 }))
  return times.map(({ works = 1, holds = held / MiB, room: holes = room / MiB }) => {
    worked += works * 1_000
    held = holds * MiB
    room = holes * MiB
    vi.advanceTimersByTime(1_000)
    return collections
  })
}

const idle = (count: number): Look[] => Array.from({ length: count }, () => ({}))

it('collects as soon as a thread that has grown is idle, and once more after a while', () => {
  const busy = { works: 500, holds: 80 }
  expect(looks(busy, busy, ...idle(10))).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
})

it('leaves a heap alone that has not grown since', () => {
  expect(looks({ holds: 40 }, ...idle(11), { works: 500 }, ...idle(30)).at(-1)).toBe(2)
  expect(looks({ holds: 40 }, ...idle(11), { works: 500, holds: 60 }, ...idle(30)).at(-1)).toBe(4)
})

it('begins anew when the thread works meanwhile', () => {
  expect(looks({ holds: 40 }, ...idle(4), { works: 500, holds: 80 }, ...idle(12)).at(-1)).toBe(3)
})

it('lets a thread work that is never idle', () => {
  expect(looks(...Array.from({ length: 100 }, () => ({ works: 200, holds: 200 }))).at(-1)).toBe(0)
})

it('collects again behind a burst so slow that the thread was idle in between', () => {
  const slow = Array.from({ length: 12 }, () => ({ works: 60, holds: 80 }))
  const counts = looks(...slow, ...idle(40))
  expect(counts.at(11)).toBe(2)
  expect(counts.at(-1)).toBe(4)
  expect(looks(...slow, ...slow, ...slow, ...slow).at(-1)).toBe(4)
})

it('collects again where V8 has kept its room, until it gives that back', () => {
  const busy = { works: 500, holds: 107, room: 60 }
  const counts = looks(busy, ...idle(24), { holds: 50, room: 3 }, ...idle(60))
  expect(counts.at(12)).toBe(2)
  expect(counts.at(24)).toBe(2)
  expect(counts.at(-1)).toBe(4)
})

it('lets a heap be that keeps its room however often it is collected', () => {
  expect(looks({ works: 500, holds: 300, room: 60 }, ...idle(300)).at(-1)).toBe(8)
})
