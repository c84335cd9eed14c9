import { describe, expect, it } from 'vitest'
import { durationMs, parseDuration } from '../../src/pipeline/duration.ts'

const durations: readonly (readonly [text: string, ms: number])[] = [
  ['PT0.2S', 200],
  ['PT0,2S', 200],
  ['PT2S', 2000],
  ['PT1M', 60_000],
  ['PT1M30S', 90_000],
  ['PT1H', 3_600_000],
  ['P1D', 86_400_000],
  ['P1DT2H', 93_600_000],
  ['P1W', 604_800_000],
  ['PT0S', 0],
  ['PT0.0001S', 0],
  ['200ms', 200],
  ['2s', 2000],
  ['1.5s', 1500],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['0s', 0]
]

const notDurations = [
  '',
  'P',
  'PT',
  'P1DT',
  '2',
  's',
  '-2s',
  '-PT2S',
  'PT-2S',
  '2 s',
  '2S',
  'pt2s',
  'P1Y',
  'P1M',
  'PT2',
  '2s ',
  'two'
]

describe('duration', () => {
  it.each(durations)('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(notDurations)('does not read "%s"', text => {
    expect(parseDuration(text)).toBeUndefined()
    expect(() => durationMs(text)).toThrow(RangeError)
  })
})
