import { describe, expect, it } from 'vitest'
import { usualSlowness } from '../../src/http/slowness.ts'
import { UploadWatch } from '../../src/http/upload-watch.ts'

/** After how many seconds an upload is given up that has so many octets after each; `undefined`: not within five minutes. */
function givenUpAfter(octetsAt: (second: number) => number): number | undefined {
  const watch = new UploadWatch(usualSlowness, octetsAt(0), 0)
  for (let second = 1; second <= 300; second++) if (watch.isStalled(octetsAt(second), second * 1000)) return second
  return undefined
}

describe('an upload is given up', () => {
  it.each([
    { what: 'when nothing of it comes for 30 s', octetsAt: () => 0, after: 30 },
    { what: 'when it stops after a fast start', octetsAt: (s: number) => Math.min(s, 10) * 1_000_000, after: 40 },
    { what: 'when it comes octet by octet', octetsAt: (s: number) => s, after: 30 },
    { what: 'when it comes at half a KiB a second', octetsAt: (s: number) => s * 512, after: 30 },
    { what: 'when it becomes slow', octetsAt: (s: number) => (s < 60 ? s * 5000 : 300_000 + (s - 60) * 10), after: 90 }
  ])('$what', ({ octetsAt, after }) => expect(givenUpAfter(octetsAt)).toBe(after))

  it.each([
    { what: 'a steady one of 1 KiB a second', octetsAt: (s: number) => s * 1024 },
    { what: 'one that pauses for 20 s now and then', octetsAt: (s: number) => Math.floor(s / 20) * 100_000 }
  ])('but not $what, however long it takes', ({ octetsAt }) => expect(givenUpAfter(octetsAt)).toBeUndefined())
})
