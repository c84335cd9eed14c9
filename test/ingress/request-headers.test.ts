import { describe, expect, it } from 'vitest'
import { propagatedHeaders } from '../../src/ingress/propagated-headers.ts'
import { readHeaders } from '../../src/ingress/request-headers.ts'

const twice = (name: string, first: string, second: string) => readHeaders([name, first, name.toUpperCase(), second])

describe('a header that comes twice', () => {
  it.each(['authorization', 'idempotency-key'])('is refused: %s', name => {
    expect(() => twice(name, 'a', 'a')).toThrow(`the header ${name} is given more than once`)
  })

  it.each(['content-type', 'content-encoding', 'x-request-id'])(
    'is one when both are equal, and refused when they differ: %s',
    name => {
      expect(twice(name, 'a', 'a').get(name)).toBe('a')
      expect(() => twice(name, 'a', 'b')).toThrow(`the header ${name} is given more than once`)
    }
  )

  it('leaves a body as it is when both codings do', () => {
    expect(twice('content-encoding', 'identity', '').get('content-encoding')).toBe('identity')
  })

  it('is no trace to go on with', () => {
    const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    expect([
      twice('traceparent', header, header).get('traceparent'),
      twice('tracestate', 'a=1', 'b=2').get('tracestate')
    ]).toEqual(['', 'a=1, b=2'])
  })

  it('is joined as its kind is', () => {
    expect(twice('cookie', 'a=1', 'b=2').get('cookie')).toBe('a=1; b=2')
    expect(twice('accept', 'text/html', '*/*').get('accept')).toBe('text/html, */*')
  })
})

describe('what steps get of a request', () => {
  const given = (flat: readonly string[], names: readonly string[] = []) =>
    propagatedHeaders(readHeaders(flat), names, 'r')

  it('is its id, or the name that its caller gave it', () => {
    expect(given([])).toEqual(['x-request-id', 'r', 'sluice-hops', '1'])
    expect(given(['X-Request-Id', 'mine'])).toEqual(['x-request-id', 'mine', 'sluice-hops', '1'])
    expect(given(['X-Request-Id', ''])).toEqual(['x-request-id', 'r', 'sluice-hops', '1'])
  })

  it.each([
    ['31', '32'],
    ['0', '1'],
    [' 7 ', '8'],
    ['3, 9', '10'],
    ['', '1'],
    ['-4', '1'],
    ['many', '1'],
    ['1e3', '1']
  ])('is one hop more than the %j before', (before, hops) => {
    expect(given(['sluice-hops', before], ['sluice-hops'])).toEqual(['x-request-id', 'r', 'sluice-hops', hops])
  })
})
