import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CloudEvent } from '../../../src/event/event.ts'
import { encodeFrame } from '../../../src/ledger/record/frame.ts'
import type { NewRequest, RequestContent } from '../../../src/ledger/record/new-request.ts'
import type { Place, PlaceEnd } from '../../../src/ledger/record/mark.ts'
import type { Settlement } from '../../../src/ledger/record/settlement.ts'
import {
  decodeMark,
  decodeRequest,
  decodeSettlement,
  encodeMark,
  encodeRequest,
  encodeSettlement
} from '../../../src/ledger/record/record-codec.ts'
import { anEvent } from '../../helpers/events.ts'
import { aFailure, aMark, aRequest, aVisit, cancelled, filtered, rootPlaces } from '../../helpers/ledger-requests.ts'

const anyAttribute = fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.integer())
const anyAttributes = fc.array(fc.tuple(fc.string({ unit: 'binary' }), anyAttribute)).map(entries => new Map(entries))
const anyData = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined })
const anyEvent: fc.Arbitrary<CloudEvent> = fc
  .tuple(anyAttributes, anyData, fc.boolean())
  .map(([attributes, data, isJson]) => ({ attributes, data, ...(isJson && { dataIsJson: true as const }) }))
const anyReplies = fc.array(fc.tuple(fc.string(), anyEvent), { maxLength: 3 }).map(entries => new Map(entries))

const anInnerPlace: Place = { next: 'score', index: 0, event: anEvent(), replies: new Map(), ended: undefined }

const { places: _places, ...causeAlone } = aFailure({})

const roundTripOf = (request: NewRequest): RequestContent => decodeRequest(encodeRequest(request), request.id)

describe('record codec', () => {
  it('gives back any event of a request, to the octet and in the order of its attributes', () => {
    const roundTrip = fc.property(anyEvent, event => {
      const decoded = roundTripOf(aRequest({ event })).event
      expect([...decoded.attributes]).toEqual([...event.attributes])
      expect([decoded.data, decoded.dataIsJson]).toEqual([event.data, event.dataIsJson])
    })
    fc.assert(roundTrip, { numRuns: 300 })
  })

  it('gives back any mark', () => {
    const roundTrip = fc.property(anyEvent, anyReplies, (event, replies) => {
      const mark = aMark({ event, replies, steps: [aVisit('a'), aVisit('b')], delivery: 2 })
      expect(decodeMark(encodeMark(mark))).toEqual(mark)
    })
    fc.assert(roundTrip, { numRuns: 200 })
  })

  it.each<PlaceEnd>([
    { kind: 'replied', at: 5 },
    { kind: 'filtered', at: 6, step: 'score' },
    {
      kind: 'failed',
      at: 7,
      cause: { ...causeAlone, failures: [{ path: 'fan/left/a', code: 'STEP_FAILED', detail: 'it failed' }] }
    }
  ])('gives back how a branch ended: $kind', ended => {
    const mark = aMark({ next: '', ended })
    expect(decodeMark(encodeMark(mark))).toStrictEqual(mark)
    const places = new Map([...rootPlaces({}), ['fan/left', { ...anInnerPlace, ended }]])
    const settlement: Settlement = { status: 'failed', failure: aFailure({ places }), steps: [] }
    expect(decodeSettlement(encodeSettlement(settlement, 'an id'), 'an id')).toStrictEqual(settlement)
  })

  it('gives back any failure, with what is absent as undefined', () => {
    const roundTrip = fc.property(anyEvent, anyReplies, fc.constantFrom(undefined, 'a'), (input, replies, step) => {
      const places = new Map([
        ...rootPlaces({ next: step ?? '@reply', event: input, replies }),
        ['fan/left', anInnerPlace]
      ])
      const failure = aFailure({ step, path: step, upstreamStatus: step && 500, deliveries: step && 3, places })
      const settlement: Settlement = { status: 'failed', failure, steps: [] }
      expect(decodeSettlement(encodeSettlement(settlement, 'an id'), 'an id')).toStrictEqual(settlement)
    })
    fc.assert(roundTrip, { numRuns: 200 })
  })

  it.each<Settlement>([{ status: 'replied', reply: anEvent(), steps: [aVisit()] }, filtered, cancelled])(
    'gives back a settlement: $status',
    settlement => {
      expect(decodeSettlement(encodeSettlement(settlement, 'an id'), 'an id')).toEqual(settlement)
    }
  )

  it('gives back every part of a request that never changes', () => {
    const parts = {
      generation: 3,
      event: anEvent(),
      headers: ['traceparent', '00-1', 'x-request-id', 'ünïcödé'],
      priority: 9,
      orderKey: 'customer-1',
      eventTime: 1,
      replayOf: 'request-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      deadline: 2
    }
    expect(roundTripOf(aRequest(parts))).toStrictEqual(parts)
    const absent = { orderKey: undefined, eventTime: undefined, replayOf: undefined, traceId: undefined }
    expect(roundTripOf(aRequest(absent))).toMatchObject(absent)
  })

  it.each(['orderKey', 'replayOf', 'traceId'] as const)('gives back a request that has only a %s beside', name => {
    const none = { orderKey: undefined, eventTime: undefined, replayOf: undefined, traceId: undefined }
    const request = aRequest({ ...none, [name]: 'x' })
    expect(roundTripOf(request)).toMatchObject({ ...none, [name]: 'x' })
  })

  it('does not write the id of the request again, and gives it back where it was', () => {
    const id = '01a2026c-acf9-7003-84ad-c2e353334e26'
    const headers = ['x-request-id', id, id, 'as a name']
    const request = aRequest({ id, event: anEvent({ id, subject: id }), headers })
    const bytes = encodeRequest(request)
    expect(bytes.includes(id)).toBe(false)
    expect(decodeRequest(bytes, id)).toMatchObject({ headers, event: request.event })
    const reply = anEvent({ id: 'a reply', subject: id })
    const settled = encodeSettlement({ status: 'replied', reply, steps: [] }, id)
    expect(settled.includes(id)).toBe(false)
    expect(decodeSettlement(settled, id)).toMatchObject({ reply })
  })

  it('takes less than 200 octets beside the data of a plain request, and for its reply', () => {
    const { event } = aRequest()
    const request = aRequest({
      event: { attributes: event.attributes, data: undefined },
      headers: ['x-request-id', 'a']
    })
    expect(encodeRequest(request).byteLength).toBeLessThan(200)
    const reply = { attributes: event.attributes, data: undefined }
    expect(encodeSettlement({ status: 'replied', reply, steps: [aVisit()] }, 'an id').byteLength).toBeLessThan(200)
  })

  it('reads what the first format wrote', () => {
    const first = (document: unknown): Uint8Array => {
      const bytes = encodeFrame({ document, blobs: [Buffer.from('{}')] })
      bytes[0] = 1
      return bytes
    }
    const attributes = [...anEvent().attributes]
    const event = { attributes, data: 0 }
    const read = anEvent({ data: new Uint8Array(Buffer.from('{}')) })
    const headers = ['x-request-id', 'request-1']
    const request = first({ generation: 3, event, headers, priority: 5, traceId: 'trace' })
    const absent = { orderKey: undefined, eventTime: undefined, replayOf: undefined }
    expect(decodeRequest(request, 'request-1')).toEqual({
      ...absent,
      generation: undefined,
      event: read,
      headers,
      priority: 5,
      traceId: 'trace'
    })
    const steps = [aVisit()]
    const firstSteps = steps.map(({ path: _path, ...step }) => step)
    const mark = { next: undefined, index: 1, event: read, steps, replies: new Map([['a', read]]) }
    const packed = { next: 1, event, steps: firstSteps, replies: [['a', event]] }
    expect(decodeMark(first(packed))).toEqual({ ...mark, delivery: 1 })
    expect(decodeMark(first({ ...packed, delivery: 2 }))).toEqual({ ...mark, delivery: 2 })
    const reply = decodeSettlement(first({ status: 'replied', reply: event, steps: firstSteps }), 'an id')
    expect(reply).toEqual({ status: 'replied', reply: read, steps })
    expect(decodeSettlement(first({ status: 'filtered', step: 'a', steps: firstSteps }), 'an id')).toEqual({
      status: 'filtered',
      step: 'a',
      steps
    })
    const failure = aFailure({ places: rootPlaces({ event: read }) })
    const { places: _places, path: _failedPath, ...known } = failure
    const packedFailure = { ...known, stepIndex: 1, input: event, replies: [] }
    const failed = first({ status: 'failed', failure: packedFailure, steps: firstSteps })
    expect(decodeSettlement(failed, 'an id')).toEqual({ status: 'failed', failure, steps })
  })

  it('reads bytes that are a part of a larger buffer', () => {
    const bytes = encodeRequest(aRequest())
    const larger = Buffer.concat([Buffer.alloc(5), bytes, Buffer.alloc(5)])
    expect(decodeRequest(larger.subarray(5, 5 + bytes.byteLength), 'id')).toEqual(decodeRequest(bytes, 'id'))
  })

  it('refuses a format that it does not know, by its number', () => {
    const bytes = encodeRequest(aRequest())
    bytes[0] = 7
    expect(() => decodeRequest(bytes, 'id')).toThrow('has format 7; this gateway reads format 2')
  })
})
