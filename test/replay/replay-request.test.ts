import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/ledger/record/settlement.ts'
import type { RequestRecord } from '../../src/ledger/record/request-record.ts'
import { sourceHeader } from '../../src/pipeline/origin.ts'
import { replayRequest } from '../../src/replay/replay-request.ts'
import { noopSpan } from '../../src/telemetry/tracing.ts'
import { aGeneration, type PlanParts } from '../helpers/a-plan.ts'
import { anEvent } from '../helpers/events.ts'
import { aFailure, aRecord, rootMarks, rootPlaces } from '../helpers/ledger-requests.ts'

const identity = { id: 'replay-1', span: noopSpan }

function aLetter({
  failure = {},
  ...parts
}: Partial<Omit<RequestRecord, 'failure'>> & { failure?: Partial<Failure> } = {}) {
  const record = aRecord({ failure: aFailure(failure), ...parts })
  return { record, replayedAs: undefined, closed: false }
}

const placeIn = (failure: Partial<Failure>, plan: PlanParts) => {
  const root = replayRequest(aLetter({ failure }), 'step', aGeneration(plan), identity).marks.get('')
  return root && [root.next, root.index]
}

describe('the replay of a dead letter', () => {
  it('begins at the failed step, with what it got', () => {
    const replies = new Map([['filter', anEvent({ id: 'event-1.filter' })]])
    const input = anEvent({ id: 'event-1.filter', data: 'as the step got it' })
    const request = replayRequest(
      aLetter({ failure: { places: rootPlaces({ event: input, replies }) } }),
      'step',
      aGeneration(),
      identity
    )
    expect(request.marks).toEqual(rootMarks({ event: input, steps: [], replies }))
  })

  it('begins with the original event at the first step when it is wanted so', () => {
    const event = anEvent({ id: 'original' })
    const request = replayRequest(aLetter({ event }), 'start', aGeneration(), identity)
    expect([request.marks.size, request.event]).toEqual([0, event])
  })

  it('is a request of its own, by the plan as it is now', () => {
    const plan = aGeneration({ generation: 8, spec: { requests: { ttl: 'PT1H' }, limits: { maxQueued: 12 } } })
    expect(replayRequest(aLetter(), 'step', plan, identity)).toMatchObject({
      id: 'replay-1',
      replayOf: 'request-1',
      generation: 8,
      ttlMs: 3_600_000,
      maxQueued: 12,
      deduplicationKeys: [],
      priority: 7,
      orderKey: 'key-1',
      eventTime: undefined
    })
  })

  it('of an entry of a source is refused where the sinks are gone with their Pipeline', () => {
    const ofSource = aLetter({ headers: [sourceHeader, 'entries'] })
    for (const from of ['step', 'start'] as const) {
      expect(() => replayRequest(ofSource, from, aGeneration(), identity)).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('its sinks are gone') })
      )
      expect(replayRequest(aLetter(), from, aGeneration(), identity).replayOf).toBe('request-1')
    }
  })

  it('leaves the old trace, and remembers it', () => {
    const headers = [
      'x-request-id',
      'request-1',
      'traceparent',
      '00-a-b-01',
      'baggage',
      'a=1',
      'x-tenant',
      'traceparent'
    ]
    const request = replayRequest(aLetter({ headers }), 'step', aGeneration(), identity)
    expect([request.headers, request.traceId]).toEqual([
      ['x-request-id', 'replay-1', 'x-tenant', 'traceparent'],
      'a'.repeat(32)
    ])
  })

  it('keeps the request id of the caller', () => {
    const request = replayRequest(aLetter({ headers: ['x-request-id', 'mine'] }), 'step', aGeneration(), identity)
    expect(request.headers).toEqual(['x-request-id', 'mine'])
  })
})

describe('a plan that changed since', () => {
  it('has the failed step elsewhere', () => {
    expect(placeIn({}, { steps: ['clean', 'filter', 'sentiment'] })).toEqual(['sentiment', 2])
  })

  it('has it no more, and only a replay from the start is possible', () => {
    const plan = aGeneration({ generation: 2, steps: ['filter', 'toxicity'] })
    expect(() => replayRequest(aLetter(), 'step', plan, identity)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringMatching(/"sentiment".*from=start/) })
    )
    expect(replayRequest(aLetter(), 'start', plan, identity).marks.size).toBe(0)
  })

  it('delivers a reply that was not delivered, after its last step', () => {
    const failure = { step: undefined, path: undefined, places: rootPlaces({ next: '@reply', index: 2 }) }
    const spec = { reply: { uri: 'http://localhost/replies' } }
    expect(placeIn(failure, { steps: ['filter'], spec })).toEqual(['@reply', 1])
    expect(() => placeIn(failure, { steps: ['filter'] })).toThrow('from=start')
  })

  it('delivers the reply where an older version wrote no name', () => {
    const failure = { step: undefined, path: undefined, places: rootPlaces({ next: undefined, index: 2 }) }
    const spec = { reply: { uri: 'http://localhost/replies' } }
    expect(placeIn(failure, { steps: ['filter', 'sentiment'], spec })).toEqual(['@reply', 2])
  })

  it('cannot be gone on with where nothing is known of the place', () => {
    const failure = { code: 'PIPELINE_CHANGED', step: undefined, places: rootPlaces({ next: undefined, index: 1 }) }
    expect(() => placeIn(failure, {})).toThrow('from=start')
  })
})
