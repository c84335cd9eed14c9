import { describe, expect, it } from 'vitest'
import { runFlow, told, type FlowParts } from './flow-under-test.ts'

const uri = (name: string): string => `http://localhost:9101/${name}`
const step = (name: string, options: Record<string, unknown> = {}) => ({ name, uri: uri(name), ...options })

/** A switch between `a`, which is never chosen, the choice `big` of `b` and `c`, and `d` otherwise. */
const choosing = (options: Record<string, unknown> = {}) => ({
  name: 'route',
  switch: [
    { when: 'false', steps: [step('a')] },
    { name: 'big', when: 'data = "in"', steps: [step('b'), step('c')] },
    { when: 'true', steps: [step('a2')] }
  ],
  otherwise: [step('d')],
  ...options
})

async function lines(parts: FlowParts): Promise<readonly string[]> {
  const { log, outcome } = await runFlow(parts)
  return [...log, told(outcome)]
}

describe('a switch', () => {
  it('runs the first choice that matches, writes down where that stands, and gives what it gave', async () => {
    expect(await lines({ steps: [choosing(), 'z'] })).toEqual([
      'call b in',
      'step b replied',
      'write route/big: c b',
      'call c b',
      'step c replied',
      'step route replied',
      'write z c',
      'call z c',
      'step z replied',
      'replied z'
    ])
  })

  it('takes what is otherwise, or passes the event on as it came, before `input`', async () => {
    const noMatch = { switch: [{ when: 'false', steps: [step('a')] }], input: '{"n": 1}' }
    expect(await lines({ steps: [choosing(noMatch)] })).toEqual(expect.arrayContaining(['call d {"n":1}', 'replied d']))
    expect(await lines({ steps: [choosing({ ...noMatch, otherwise: undefined }), 'z'] })).toEqual([
      'step route passed',
      'write z in',
      'call z in',
      'step z replied',
      'replied z'
    ])
  })

  it('goes on inside the choice that has begun, whatever its conditions say now', async () => {
    const from = { 'route/big': { next: 'c', data: 'kept' } }
    const never = choosing({ when: 'false', switch: [{ name: 'big', when: 'false', steps: [step('b'), step('c')] }] })
    expect(await lines({ steps: [never], fromInside: from })).toEqual([
      'call c kept',
      'step c replied',
      'step route replied',
      'replied c'
    ])
  })

  it('fails with the step inside that failed, whose place is kept', async () => {
    expect((await lines({ steps: [choosing()], answers: { c: { fails: 'STEP_REJECTED' } } })).at(-1)).toBe(
      'failed STEP_REJECTED at route/big: c with b, route with in after 1'
    )
  })

  it('lets `onFailure` forgive what failed inside, which goes to no sink then', async () => {
    const sink = { deadLetterSink: { uri: uri('sink') } }
    const answers = { c: { fails: 'STEP_FAILED' } } as const
    const forgiving = choosing({ onFailure: 'continue', delivery: sink })
    expect(await lines({ steps: [forgiving, 'z'], answers })).toEqual(
      expect.arrayContaining(['step c failed', 'step route passed', 'call z in'])
    )
    const told = await lines({ steps: [choosing({ delivery: sink })], answers })
    expect(told.filter(line => /sink/.test(line))).toEqual(['sink c with a cause', 'call sink b'])
  })

  it('is empty where its steps were filtered, and `onEmpty` says what that means', async () => {
    const answers = { b: 'empty' } as const
    expect((await lines({ steps: [choosing(), 'z'], answers })).at(-1)).toBe('filtered b')
    expect(await lines({ steps: [choosing({ onEmpty: 'pass' }), 'z'], answers })).toContain('call z in')
    expect((await lines({ steps: [choosing({ onEmpty: 'fail' })], answers })).at(-1)).toBe(
      'failed STEP_BAD_REPLY at route with in after 0'
    )
  })
})
