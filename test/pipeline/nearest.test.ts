import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/pipeline/validate/nearest.ts'

const fields = ['uri', 'ref', 'timeout', 'delivery', 'onFailure']

describe('nearest', () => {
  it.each([
    ['url', 'uri'],
    ['tiemout', 'timeout'],
    ['onfailure', 'onFailure'],
    ['deliveries', 'delivery'],
    ['x', undefined],
    ['nothing', undefined],
    ['t'.repeat(10_000), undefined]
  ])('of %s is %s', (word, meant) => {
    expect(nearest(word, fields)).toBe(meant)
  })
})
