import { describe, expect, it } from 'vitest'
import { runFlow, told, type FlowParts } from './flow-under-test.ts'

const uri = (name: string): string => `http://localhost:9101/${name}`
const step = (name: string, options: Record<string, unknown> = {}) => ({ name, uri: uri(name), ...options })

/** Branches `left` of `a`, and `right` of `b` and `c`. */
const fan = (options: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  name: 'fan',
  parallel: {
    branches: [
      { name: 'left', steps: [step('a')] },
      { name: 'right', steps: [step('b'), step('c')] }
    ],
    ...options
  },
  ...more
})

async function lines(parts: FlowParts): Promise<readonly string[]> {
  const { log, outcome } = await runFlow(parts)
  return [...log, told(outcome)]
}

const last = async (parts: FlowParts): Promise<string | undefined> => (await lines(parts)).at(-1)

describe('a parallel step', () => {
  it('begins all branches at once, writes down one that has ended while others run, and joins them', async () => {
    expect(await lines({ steps: [fan(), 'z'] })).toEqual([
      'call a in',
      'call b in',
      'step a replied',
      'step b replied',
      'write fan/right: c b',
      'call c b',
      'write fan/left: replied a',
      'step c replied',
      'step fan replied',
      'write z {"left":"a","right":"c"}',
      'call z {"left":"a","right":"c"}',
      'step z replied',
      'replied z'
    ])
  })

  // Each branch once set the octets of all, since its own part of the memory was not its own.
  it('counts the octets that each branch holds, and gives them back', async () => {
    const answers = { a: { reply: 'a'.repeat(1000) }, b: { reply: 'b'.repeat(500) } }
    const { octets } = await runFlow({ steps: [fan({ join: 'first', require: 2 })], answers })
    expect(octets).toEqual({ peak: '"in"'.length + 1002 + 502, left: 0 })
  })

  it('joins as an array in the order of the branches, with null for one that did not reply', async () => {
    expect(await last({ steps: [fan({ join: 'array' })] })).toBe('replied ["a","c"]')
    expect(await last({ steps: [fan({ join: 'array' })], answers: { a: 'empty' } })).toBe('replied [null,"c"]')
  })

  it('leaves out of the object who did not reply', async () => {
    expect(await last({ steps: [fan()], answers: { b: 'empty' } })).toBe('replied {"left":"a"}')
    expect(await last({ steps: [fan({ require: 'any' })], answers: { a: { fails: 'STEP_REJECTED' } } })).toBe(
      'replied {"right":"c"}'
    )
  })

  it('fails with the first failure in time, keeps where each branch stands, and lists each failure', async () => {
    const { outcome } = await runFlow({
      steps: [fan({ require: 'any' })],
      answers: { a: { fails: 'STEP_REJECTED' }, c: { fails: 'STEP_FAILED' } }
    })
    expect(told(outcome)).toBe('failed STEP_REJECTED at fan/left: a with in, fan/right: c with b, fan with in after 1')
    expect(outcome.kind === 'failed' && outcome.error.facts).toMatchObject({
      step: 'a',
      path: 'fan/left/a',
      failures: [
        { path: 'fan/left/a', code: 'STEP_REJECTED', detail: 'it failed' },
        { path: 'fan/right/c', code: 'STEP_FAILED', detail: 'it failed' }
      ]
    })
  })

  it('goes on with the branches that have not ended, and calls no finished one again', async () => {
    const fromInside = {
      'fan/left': { next: '', data: 'kept', ended: { kind: 'replied', at: 1 } },
      'fan/right': { next: 'c', data: 'half' }
    } as const
    expect(await lines({ steps: [fan()], fromInside })).toEqual([
      'call c half',
      'step c replied',
      'step fan replied',
      'replied {"left":"kept","right":"c"}'
    ])
  })

  it('writes a forgiven failure down while others run, and does not run that branch again', async () => {
    const answers = { a: { fails: 'STEP_REJECTED' } } as const
    expect(await lines({ steps: [fan({ require: 1 })], answers })).toEqual(
      expect.arrayContaining(['write fan/left: failed in', 'replied {"right":"c"}'])
    )
  })

  it('gives the event of the first branch in order, or in time, to the byte', async () => {
    expect(await last({ steps: [fan({ join: 'first' })] })).toBe('replied a')
    expect(await last({ steps: [fan({ join: 'first' })], answers: { a: 'empty' } })).toBe('replied c')
    expect(await last({ steps: [fan({ join: 'race' })] })).toBe('replied a')
  })

  it('is empty where too few replied and none failed, or all were skipped', async () => {
    const answers = { a: 'empty' } as const
    expect(await last({ steps: [fan({ require: 2 })], answers })).toBe('filtered a')
    const skipped = { branches: [{ name: 'left', when: 'false', steps: [step('a')] }] }
    expect(await last({ steps: [fan(skipped), 'z'] })).toBe('filtered fan')
    expect(await last({ steps: [fan(skipped, { onEmpty: 'pass' }), 'z'] })).toBe('replied z')
  })

  it('holds a branch without stopping the others, and is held when nothing else runs', async () => {
    const answers = { a: { fails: 'BREAKER_OPEN', facts: { retryAfterMs: 5 } } } as const
    expect(await lines({ steps: [fan()], answers })).toEqual([
      'call a in',
      'call b in',
      'step a held',
      'step b replied',
      'write fan/right: c b',
      'call c b',
      'step c replied',
      'write fan/right: replied c',
      'step fan held',
      'failed BREAKER_OPEN at fan/left: a with in, fan/right:  with c, fan with in after 1'
    ])
  })

  it('fails where a failure decides the join, whatever is held', async () => {
    const answers = { a: { fails: 'BREAKER_OPEN' }, b: { fails: 'STEP_REJECTED' } } as const
    expect(await last({ steps: [fan()], answers })).toMatch(/^failed STEP_REJECTED /)
    expect(await last({ steps: [fan({ require: 'any' })], answers })).toMatch(/^failed BREAKER_OPEN /)
    // A caller who waits for the answer is not held.
    expect(await last({ steps: [fan()], answers, stored: false })).toMatch(/^failed BREAKER_OPEN /)
  })

  it('is over where somebody else has the request by now', async () => {
    expect(await last({ steps: [fan()], lostBefore: 'c' })).toBe('cancelled')
  })

  it('does not show replies of a branch to the others, nor behind the step', async () => {
    const branches = [
      { name: 'left', steps: [step('a')] },
      { name: 'right', steps: [{ name: 'look', transform: '$keys($steps)' }] }
    ]
    const steps = ['y', fan({ branches }), { name: 'seen', transform: '$keys($steps)' }]
    expect(await lines({ steps })).toEqual(
      expect.arrayContaining([
        'write seen {"left":"a","right":"y"} y=y fan={"left":"a","right":"y"}',
        'replied ["y","fan"]'
      ])
    )
  })
})
