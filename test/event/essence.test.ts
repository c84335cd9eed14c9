import { describe, expect, it } from 'vitest'
import { beginsWithMediaType, charsetOf, essenceOf } from '../../src/event/essence.ts'
import { processorMs } from '../helpers/processor-time.ts'

describe('the essence of a content type', () => {
  it.each([
    ['Text/HTML; charset=utf-8', 'text/html'],
    [' application/json ', 'application/json'],
    ['application/json, text/plain', 'application/json'],
    ['application/json; charset', 'application/json'],
    ['', '']
  ])('of %j is %j', (value, essence) => expect(essenceOf(value)).toBe(essence))
})

describe('a label', () => {
  it.each(['a/b', ' a/b', 'a/b ;c', 'a/b,c', 'a/b c', 'a/b;c="', 'video/webm;codecs=vp8,opus'])('%j is one', value =>
    expect(beginsWithMediaType(value)).toBe(true)
  )
  it.each(['', 'json', '/', 'a/', '/b', 'a //b', 'a/b/c', 'a /b', 'a/ b', 'a\t/b', '; a/b', 'é/a'])(
    '%j is none',
    value => expect(beginsWithMediaType(value)).toBe(false)
  )
})

describe('the charset of a content type', () => {
  it.each([
    ['a/b', undefined],
    ['a/b; charset = UTF-8', 'utf-8'],
    ['a/b;charset="utf-8"; charset=latin1', 'utf-8'],
    ['a/b; x="; charset=latin1"', undefined],
    ['a/b; charset', undefined]
  ])('%j is %j', (value, charset) => expect(charsetOf(value)).toBe(charset))

  it('is found in linear time', () => {
    const spent = processorMs(() => {
      for (const piece of [';', '; ', ';a="', ';a="\\', ';a=']) charsetOf(`a/b${piece.repeat(16_384 / piece.length)}`)
    })
    expect(spent).toBeLessThan(1000)
  })
})
