import { describe, expect, it } from 'vitest'
import { runFlow, told, type FlowParts } from './flow-under-test.ts'

interface Case {
  readonly does: string
  readonly parts: FlowParts
  /** The events in their order; the last line is the outcome. */
  readonly log: readonly string[]
}

const uri = (name: string): string => `http://localhost:9101/${name}`
const step = (name: string, options: Record<string, unknown> = {}) => ({ name, uri: uri(name), ...options })
const sink = { deadLetterSink: { uri: uri('sink') } }

async function lines(parts: FlowParts): Promise<readonly string[]> {
  const { log, outcome } = await runFlow(parts)
  return [...log, told(outcome)]
}

describe('the order of a request', () => {
  const cases: Case[] = [
    {
      does: 'writes down what the next step gets, after each step and before the next',
      parts: { steps: ['a', 'b', 'c'] },
      log: [
        'call a in',
        'step a replied',
        'write b a',
        'call b a',
        'step b replied',
        'write c b',
        'call c b',
        'step c replied',
        'replied c'
      ]
    },
    {
      does: 'writes nothing of a request that lives in memory',
      parts: { steps: ['a', 'b'], stored: false },
      log: ['call a in', 'step a replied', 'call b a', 'step b replied', 'replied b']
    },
    {
      does: 'stops where somebody else has the request by now',
      parts: { steps: ['a', 'b', 'c'], lostBefore: 'b' },
      log: ['call a in', 'step a replied', 'write b a', 'cancelled']
    },
    {
      does: 'goes on at a step with what it gets, and calls none before it',
      parts: { steps: ['a', 'b', 'c'], from: { next: 'b', data: 'kept' } },
      log: ['call b kept', 'step b replied', 'write c b', 'call c b', 'step c replied', 'replied c']
    },
    {
      does: 'ends with the step that filtered it, and writes no more',
      parts: { steps: ['a', 'b', 'c'], answers: { b: 'empty' } },
      log: ['call a in', 'step a replied', 'write b a', 'call b a', 'step b filtered', 'filtered b']
    },
    {
      does: 'ends where the caller has gone',
      parts: { steps: ['a', 'b'], answers: { a: 'cancelled' } },
      log: ['call a in', 'step a cancelled', 'cancelled']
    },
    {
      does: 'fails at the step that failed, with what that got',
      parts: { steps: ['a', 'b', 'c'], answers: { b: { fails: 'STEP_FAILED' } } },
      log: [
        'call a in',
        'step a replied',
        'write b a',
        'call b a',
        'step b failed',
        'failed STEP_FAILED at b with a after 1'
      ]
    },
    {
      does: 'fails as a defect where a delivery throws',
      parts: { steps: ['a'], answers: { a: { throws: 'a bug' } } },
      log: ['call a in', 'step a failed', 'failed INTERNAL at a with in after 0']
    }
  ]
  it.each(cases)('$does', async ({ parts, log }) => expect(await lines(parts)).toEqual(log))
})

describe('what surrounds a step', () => {
  const cases: Case[] = [
    {
      does: 'skips it by `when` before anything else, and passes the event on',
      parts: { steps: [step('a', { when: 'false', onFailure: 'continue', delivery: sink }), 'b'] },
      log: ['step a passed', 'write b in', 'call b in', 'step b replied', 'replied b']
    },
    {
      does: 'lets `onFailure: continue` pass the event on unchanged, and sends nothing to the sink',
      parts: {
        steps: [step('a', { onFailure: 'continue', input: '{"n": 1}', delivery: sink })],
        answers: { a: { fails: 'STEP_FAILED' } }
      },
      log: ['call a {"n":1}', 'step a passed', 'replied in']
    },
    {
      does: 'gives a fallback what the step got, and counts the attempts of the step only',
      parts: {
        steps: [step('a', { onFailure: { fallback: { uri: uri('spare') } }, delivery: sink })],
        answers: { a: { fails: 'STEP_FAILED' }, spare: { fails: 'STEP_UNREACHABLE' } }
      },
      log: [
        'call a in',
        'call spare in',
        'step a failed',
        'sink a with a cause',
        'call sink in',
        'failed STEP_FAILED at a with in after 1'
      ]
    },
    {
      does: 'answers with the data of a fallback',
      parts: {
        steps: [step('a', { onFailure: { fallback: { data: { calm: true } } } })],
        answers: { a: { fails: 'STEP_TIMEOUT' } }
      },
      log: ['call a in', 'step a replied', 'replied {"calm":true}']
    },
    {
      does: 'sends what failed to the sink before the request is settled',
      parts: { steps: [step('a', { delivery: sink })], answers: { a: { fails: 'STEP_FAILED' } } },
      log: [
        'call a in',
        'step a failed',
        'sink a with a cause',
        'call sink in',
        'failed STEP_FAILED at a with in after 1'
      ]
    },
    {
      does: 'sends nothing to the sink that is only held',
      parts: { steps: [step('a', { delivery: sink })], answers: { a: { fails: 'BREAKER_OPEN' } } },
      log: ['call a in', 'step a held', 'failed BREAKER_OPEN at a with in after 1']
    },
    {
      does: 'lets nothing stand in for a step whose request is out of time',
      parts: {
        steps: [step('a', { onFailure: 'continue' })],
        answers: { a: { fails: 'DEADLINE_EXCEEDED' } }
      },
      log: ['call a in', 'step a failed', 'failed DEADLINE_EXCEEDED at a with in after 1']
    },
    {
      does: 'lets nothing stand in for an answer that the caller has begun to get',
      parts: {
        steps: [step('a', { onFailure: 'continue' })],
        answers: { a: { fails: 'STEP_FAILED', facts: { begun: true } } }
      },
      log: ['call a in', 'step a failed', 'failed STEP_FAILED at a with in after 1']
    },
    {
      does: 'helps a `when` that fails by `onFailure` too',
      parts: { steps: [step('a', { when: '$error("no")', onFailure: 'continue' })] },
      log: ['step a passed', 'replied in']
    },
    {
      does: 'passes an empty answer on where `onEmpty` says so, as it was before `input`',
      parts: { steps: [step('a', { onEmpty: 'pass', input: '{"n": 1}' })], answers: { a: 'empty' } },
      log: ['call a {"n":1}', 'step a passed', 'replied in']
    },
    {
      does: 'fails for an empty answer where `onEmpty` says so, with what the step got',
      parts: { steps: [step('a', { onEmpty: 'fail', delivery: sink })], answers: { a: 'empty' } },
      log: [
        'call a in',
        'step a failed',
        'sink a with a cause',
        'call sink in',
        'failed STEP_BAD_REPLY at a with in after 1'
      ]
    }
  ]
  it.each(cases)('$does', async ({ parts, log }) => expect(await lines(parts)).toEqual(log))
})

describe('the delivery of the reply', () => {
  const spec = { reply: { uri: uri('inbox') }, delivery: sink }
  const cases: Case[] = [
    {
      does: 'comes behind all steps, is written down like one, and counts as none',
      parts: { steps: ['a'], spec },
      log: ['call a in', 'step a replied', 'write @reply a', 'call inbox a', 'replied a']
    },
    {
      does: 'is what a request goes on with that has all its steps behind it',
      parts: { steps: ['a'], spec, from: { next: '@reply', data: 'kept' } },
      log: ['call inbox kept', 'replied kept']
    },
    {
      does: 'fails at its own place, and sends the reply to the sink of the pipeline',
      parts: { steps: ['a'], spec, answers: { inbox: { fails: 'STEP_FAILED' } } },
      log: [
        'call a in',
        'step a replied',
        'write @reply a',
        'call inbox a',
        'sink undefined with a cause',
        'call sink a',
        'failed STEP_FAILED at @reply with a after 1'
      ]
    },
    {
      does: 'keeps the reply whatever the destination answers',
      parts: { steps: ['a'], spec, answers: { inbox: 'empty' } },
      log: ['call a in', 'step a replied', 'write @reply a', 'call inbox a', 'replied a']
    }
  ]
  it.each(cases)('$does', async ({ parts, log }) => expect(await lines(parts)).toEqual(log))
})

describe('what expressions see of earlier steps', () => {
  const asking = [step('a'), step('b', { when: 'false' }), { name: 'c', transform: '{"keys": $keys($steps)}' }]

  it('is written down with each checkpoint, of steps that replied', async () => {
    expect(await lines({ steps: asking })).toEqual([
      'call a in',
      'step a replied',
      'write b a a=a',
      'step b passed',
      'write c a a=a',
      'step c replied',
      'replied {"keys":"a"}'
    ])
  })

  it('is there again when the request goes on', async () => {
    expect(await lines({ steps: asking, from: { next: 'c', data: 'x', replies: { a: 'of before' } } })).toEqual([
      'step c replied',
      'replied {"keys":"a"}'
    ])
  })

  it('is not kept for a plan that never asks', async () => {
    expect(await lines({ steps: ['a', 'b'] })).toContain('write b a')
  })

  it('has the event that the caller sent as input of a later step', async () => {
    const steps = ['a', step('b', { input: 'request' }), step('c', { input: '{"first": $request.id}' })]
    expect((await lines({ steps })).filter(line => line.startsWith('call'))).toEqual([
      'call a in',
      'call b in',
      'call c {"first":"e"}'
    ])
  })
})
