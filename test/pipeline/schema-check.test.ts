import { describe, expect, it } from 'vitest'
import { SchemaCheck } from '../../src/pipeline/contract/schema-check.ts'
import { schemaFaults } from '../../src/pipeline/contract/schema-faults.ts'

const faults = (schema: unknown, value: unknown) => new SchemaCheck(schema).faultsOf(value)
const messages = (schema: unknown, value: unknown): string[] => faults(schema, value).map(({ message }) => message)

describe('a schema', () => {
  it('tells every fault of the data, a hundred at most', () => {
    expect(faults({ items: { type: 'string' } }, Array(50_000).fill(0))).toHaveLength(100)
    expect(faults({ additionalProperties: false }, Object.fromEntries(Array(500).entries()))).toHaveLength(100)
    expect(faults({ items: { type: 'string' } }, ['a', 1, 'b', 2])).toEqual([
      { pointer: '/1', message: 'must be string' },
      { pointer: '/3', message: 'must be string' }
    ])
  })

  it('does not count the faults of an alternative that was not meant', () => {
    const inlined = { anyOf: [{ items: { type: 'integer' } }, { items: { type: 'string' } }] }
    const referred = { anyOf: [{ $ref: '#/$defs/n' }, { items: { type: 'string' } }], $defs: { n: inlined.anyOf[0] } }
    for (const schema of [inlined, referred]) expect(faults(schema, Array(1000).fill('x'))).toEqual([])
  })

  it.each([
    [{ required: ['constructor'] }, {}, 1],
    [{ required: ['__proto__'] }, {}, 1],
    [{ required: ['__proto__'] }, JSON.parse('{"__proto__": 1}') as unknown, 0],
    [{ properties: { constructor: { type: 'object' } } }, { a: 1 }, 0],
    [{ properties: { toString: { type: 'number' } } }, { toString: 'x' }, 1],
    [{ additionalProperties: false }, JSON.parse('{"__proto__": {}}') as unknown, 1]
  ])('takes names like those of JavaScript for names: %j', (schema, value, count) => {
    expect(faults(schema, value)).toHaveLength(count)
  })

  it('is compiled as data: what looks like code in it is text', () => {
    const code = '"]);globalThis.ran=true;//'
    const schema = { properties: { [code]: { const: code, description: code } }, required: [code], $comment: code }
    expect(schemaFaults(schema)).toEqual([])
    expect(faults(schema, { [code]: 'other' })).toHaveLength(1)
    expect('ran' in globalThis).toBe(false)
  })

  it('does not see the ids of other schemas', () => {
    const of = (type: string) => ({ $id: 'https://a.example/x', $ref: '#/$defs/y', $defs: { y: { $id: 'y', type } } })
    expect([faults(of('string'), 1), faults(of('number'), 1)].map(found => found.length)).toEqual([1, 0])
    expect(schemaFaults({ $ref: 'https://a.example/y' })).toHaveLength(1)
  })

  it.each([
    [[1, 2, '1', '2', null, false, 'null', ['a', 1], { a: 1 }, '{"a":1}', '["a",1]', [['a', 1]]], 0],
    [
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 }
      ],
      1
    ],
    [
      [
        [1, 2],
        [2, 1],
        [1, 2]
      ],
      1
    ],
    [['a', 'b', 'a'], 1]
  ])('finds items that are equal: %j', (items, count) => {
    expect(faults({ uniqueItems: true }, items)).toHaveLength(count)
    expect(faults({ uniqueItems: false }, items)).toEqual([])
  })
})

describe('a check that would take long', () => {
  it('is stopped where alternatives double with each level', () => {
    let deep: unknown = 1
    for (let level = 0; level < 400; level++) deep = { a: deep, b: 1 }
    const level = (b: unknown) => ({ properties: { a: { $ref: '#' }, b }, required: ['b'] })
    expect(messages({ anyOf: [level({ type: 'string' }), level({ const: 2 })] }, deep)).toEqual([
      'cannot be checked: it takes longer than 50 ms'
    ])
  })

  it('is stopped where a pattern meets a long text', () => {
    const pattern = '^(a|b|ab)*$'
    expect(messages({ pattern }, 'ab'.repeat(500_000))[0]).toContain('too long for the pattern')
    expect(messages({ items: { pattern } }, Array(5000).fill('ab'.repeat(500)))[0]).toContain('longer than 50 ms')
    expect(faults({ pattern }, 'ab'.repeat(100))).toEqual([])
  })

  it('looks for equal items in time that grows with their number', () => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => i)
    expect(faults({ uniqueItems: true }, numbers)).toEqual([])
  })
})
