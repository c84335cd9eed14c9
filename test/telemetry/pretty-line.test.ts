import { describe, expect, it } from 'vitest'
import { prettyLine } from '../../src/telemetry/pretty-line.ts'

const time = new Date(2026, 0, 31, 9, 5, 7).getTime()

const pretty = (fields: object, columns = Infinity, color = false): string =>
  prettyLine(`${JSON.stringify({ level: 30, time, service: 'sluice', ...fields })}\n`, { color, columns })

const visit = (step: string, durationMs: number, attempts = 1) => ({ step, path: step, durationMs, attempts })

describe('a line of the log for a person', () => {
  it('has the time, the level, the sentence and the rest', () => {
    expect(pretty({ level: 40, msg: 'a caller was turned away', plane: 'data', before: 3 })).toBe(
      '09:05:07 warn  a caller was turned away  plane=data  before=3\n'
    )
  })

  it('tells a request with its steps and their times', () => {
    const steps = [visit('filter', 3.96), visit('sentiment', 120.4, 3)]
    const request = { pipeline: 'default/comments', outcome: 'replied', durationMs: 125.2, steps }
    expect(pretty({ ...request, msg: 'a request ended' })).toBe(
      '09:05:07 comments replied 125 ms (filter 4, sentiment 120 ×3)\n'
    )
    expect(pretty({ ...request, pipeline: 'shop/comments', steps: [], msg: 'a request ended' })).toBe(
      '09:05:07 shop/comments replied 125 ms\n'
    )
  })

  it('tells why a request failed, in the words of the step', () => {
    const err = { code: 'STEP_FAILED', message: 'step "sentiment" answered 500', upstreamBody: 'out of memory' }
    const request = { pipeline: 'default/comments', outcome: 'failed', durationMs: 4, steps: [], requestId: 'r' }
    expect(pretty({ ...request, err, msg: 'a request failed' })).toBe(
      '09:05:07 comments failed 4 ms  STEP_FAILED: step "sentiment" answered 500: out of memory  r\n'
    )
    const dead = { ...request, code: 'STEP_FAILED', step: 'sentiment', reason: err.message, attempts: 4 }
    expect(pretty({ ...dead, msg: 'kept as a dead letter' })).toBe(
      '09:05:07 comments failed 4 ms  STEP_FAILED: step "sentiment" answered 500  r\n'
    )
  })

  it('says where a defect comes from, and of a failure nothing of that', () => {
    const stack = 'TypeError: oh\n    at run (run.ts:1:2)'
    expect(pretty({ level: 50, msg: 'a defect', err: { type: 'TypeError', message: 'oh', stack } })).toBe(
      `09:05:07 error a defect  TypeError: oh\nTypeError: oh\n    at run (run.ts:1:2)\n`
    )
  })

  it('folds nothing at the width of the terminal', () => {
    const reason = 'the breaker of this destination is open since most of its calls fail, '.repeat(4)
    const lines = pretty({ msg: 'a circuit breaker opened', destination: 'http://models/score', reason }, 60)
    expect(lines.split('\n').map(line => line.length)).toSatisfy((all: number[]) => all.every(length => length <= 60))
    expect(lines.replaceAll(/\s+/g, ' ')).toContain(reason.trim())
    expect(
      pretty({ msg: 'x'.repeat(200) }, 60)
        .split('\n')
        .every(line => line.length <= 60)
    ).toBe(true)
  })

  it('has colours only where they are wanted, and obeys nothing that a step says', () => {
    const failed = { pipeline: 'default/a', outcome: 'failed', durationMs: 1 }
    expect(
      pretty({ ...failed, err: { code: 'STEP_FAILED', message: '\u001b[31mred\u001b[0m\u0007\nnext\u202e' } })
    ).toBe('09:05:07 a failed 1 ms  STEP_FAILED: red next \n')
    expect(pretty(failed, Infinity, true)).toContain('\u001b[31mfailed\u001b[39m')
  })
})
