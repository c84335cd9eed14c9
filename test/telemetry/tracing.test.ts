import { describe, expect, it } from 'vitest'
import { carrierOf } from '../../src/telemetry/carrier.ts'
import { noopTracer } from '../../src/telemetry/tracing.ts'
import { anEvent } from '../helpers/events.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
const other = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const carrier = (headers: Record<string, string>, extensions: Record<string, string> = {}) =>
  carrierOf(name => headers[name], anEvent({ extensions }))

describe('the trace context of a request', () => {
  it('is that of its headers', () => {
    const headers = { traceparent, tracestate: 'a=1', baggage: 'b=2' }
    expect(carrier(headers, { traceparent: other, tracestate: 'c=3' })).toEqual(headers)
  })

  it('is that of the event when the headers have none', () => {
    expect(carrier({ baggage: 'b=2' }, { traceparent, tracestate: 'c=3' })).toEqual({
      traceparent,
      tracestate: 'c=3',
      baggage: 'b=2'
    })
  })

  it('does not mix: the trace state belongs to its own trace parent', () => {
    expect(carrier({ traceparent }, { traceparent: other, tracestate: 'c=3' }).tracestate).toBeUndefined()
    expect(carrier({ tracestate: 'a=1' }, { traceparent: other }).tracestate).toBeUndefined()
    expect(carrier({ tracestate: 'a=1' }).tracestate).toBeUndefined()
  })

  it('is that of the event when the header is not valid', () => {
    expect(carrier({ traceparent: 'nonsense', tracestate: 'a=1' }, { traceparent: other })).toEqual({
      traceparent: other,
      tracestate: undefined,
      baggage: undefined
    })
  })

  it.each([
    ['capitals', traceparent.toUpperCase()],
    ['the forbidden version', `ff${traceparent.slice(2)}`],
    ['no trace', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['no parent', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a missing part', `00-${traceId}-00f067aa0ba902b7`],
    ['more than version 00 has', `${traceparent}-more`],
    ['text behind', `${traceparent}x`]
  ])('is none with %s', (_name, value) => {
    expect(carrier({ traceparent: value }, { traceparent: value }).traceparent).toBeUndefined()
  })

  it('may be of a later version, which may have more', () => {
    const later = `01${traceparent.slice(2)}-more`
    expect(carrier({ traceparent: later }).traceparent).toBe(later)
  })

  it('takes nothing from an event that cannot be a header', () => {
    expect(carrier({}, { traceparent, tracestate: 'a=\r\nx: y' }).tracestate).toBeUndefined()
    expect(carrier({}, { traceparent, tracestate: 'a=€' }).tracestate).toBeUndefined()
  })
})

describe('without an exporter', () => {
  const start = (headers: Record<string, string>) => noopTracer.start('POST default/comments', {}, carrier(headers))

  it('the context goes on as it came', () => {
    const span = start({ traceparent, tracestate: 'a=1', baggage: 'b=2' })
    expect(span.traceId).toBe(traceId)
    expect(span.headers()).toEqual(['traceparent', traceparent, 'tracestate', 'a=1', 'baggage', 'b=2'])
  })

  it('the spans of steps and attempts are the one of the request', () => {
    const span = start({ traceparent })
    const attempt = span.child('step a', 'internal', {}).child('POST a', 'client', {})
    attempt.fail('STEP_FAILED', 'it failed')
    attempt.end()
    expect(attempt).toBe(span)
  })

  it('baggage goes on without a trace', () => {
    const span = start({ baggage: 'b=2' })
    expect([span.traceId, span.headers()]).toEqual([undefined, ['baggage', 'b=2']])
  })

  it('nothing is made up', () => {
    const span = start({})
    expect([span.traceId, span.headers()]).toEqual([undefined, []])
  })
})
