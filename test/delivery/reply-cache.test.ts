import { describe, expect, it } from 'vitest'
import { ReplyCache } from '../../src/delivery/reply-cache.ts'

const reply = (octets: number) => ({ contentType: 'text/plain', data: new Uint8Array(octets) })
const hour = 3_600_000

describe('kept replies', () => {
  it('take no more than 64 MiB, and the one that was not used for longest gives way', () => {
    const cache = new ReplyCache()
    for (let i = 0; i < 40; i++) {
      cache.put(`${i}`, 'http://a', reply(3 * 2 ** 20))
      cache.get('0', hour)
    }
    expect(cache.octets).toBeLessThanOrEqual(64 * 2 ** 20)
    expect(cache.get('0', hour)).toBeDefined()
    expect(cache.get('1', hour)).toBeUndefined()
    expect(cache.get('39', hour)).toBeDefined()
  })

  it('do not drive out the others when one is large', () => {
    const cache = new ReplyCache()
    cache.put('small', 'http://a', reply(10))
    cache.put('large', 'http://a', reply(5 * 2 ** 20))
    expect([cache.get('small', hour)?.data.length, cache.get('large', hour)]).toEqual([10, undefined])
  })

  it('go with their destination', () => {
    const cache = new ReplyCache()
    cache.put('a', 'http://a', reply(10))
    cache.put('b', 'http://b', reply(10))
    cache.drop(new Set(['http://a']))
    expect([cache.get('a', hour), cache.get('b', hour)?.data.length]).toEqual([undefined, 10])
  })

  it('count once when they are put again', () => {
    const cache = new ReplyCache()
    for (let i = 0; i < 5; i++) cache.put('a', 'http://a', reply(1000))
    expect(cache.octets).toBeLessThan(2000)
  })
})
