import { describe, expect, it } from 'vitest'
import { EventFilter } from '../../src/pipeline/filter/event-filter.ts'
import { createCondition } from '../../src/flow/condition.ts'
import { noMarks } from '../../src/pipeline/paths.ts'
import type { Request } from '../../src/flow/request.ts'
import { anEvent } from '../helpers/events.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { startStep } from '../helpers/step-server.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

const asEvent = (type: string, more: Record<string, string> = {}) => ({
  headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': type, ...more }
})

describe('when: {filters}', () => {
  it('skips a step of any kind whose filters do not hold', async () => {
    await using step = await startStep(json({ from: 'step' }))
    await using gateway = await startTestGateway({
      steps: [
        { uri: step.url, when: { filters: [{ prefix: { type: 'com.' } }, { cesql: 'urgency > 3' }] } },
        { transform: '{"seen": data}', when: { filters: [{ not: { suffix: { type: '.quiet' } } }] } }
      ]
    })
    const answer = async (type: string, urgency: string) =>
      (await gateway.post('{}', asEvent(type, { 'ce-urgency': urgency }))).json()
    // The answer of a step is an event of the gateway, whose type is dev.sluice.reply.
    expect(await answer('com.a', '4')).toEqual({ seen: { from: 'step' } })
    expect(await answer('com.a', '3')).toEqual({ seen: {} })
    expect(await answer('org.quiet', '4')).toEqual({})
    expect(step.requests).toHaveLength(1)
  })

  it('skips the step where an expression fails, and says so in the log at debug', async () => {
    const lines: [object, string][] = []
    const log = { ...silentLog, debug: (fields: object, message: string) => void lines.push([fields, message]) }
    const filter = new EventFilter([{ cesql: 'urgency > 3' }])
    const holds = createCondition(filter, { pipeline: 'default/test', path: 'score' }, log)
    const request = { id: 'r' } as Request
    const around = { original: anEvent(), replies: new Map(), marks: noMarks }
    expect(await holds(anEvent({ extensions: { urgency: '4' } }), request, around)).toBe(true)
    expect(lines).toEqual([])
    expect(await holds(anEvent(), request, around)).toBe(false)
    expect(await holds(anEvent({ extensions: { urgency: 'secret' } }), request, around)).toBe(false)
    const fields = { requestId: 'r', pipeline: 'default/test', path: 'score', cesql: 'urgency > 3' }
    expect(lines).toEqual([
      [{ ...fields, error: 'missingAttribute' }, 'a filter lets nothing pass: the event has no attribute urgency'],
      [{ ...fields, error: 'cast' }, 'a filter lets nothing pass: a text is not a whole number of 32 bits']
    ])
  })
})
