import { describe, expect, it } from 'vitest'
import { compileCesql } from '../../../src/pipeline/cesql/cesql.ts'
import type { Value } from '../../../src/pipeline/cesql/value.ts'

const usual = { specversion: '1.0', id: 'an-id', source: '/source', type: 'a.type' }

/** The value and the kind of error, over an event with these attributes. */
function evaluate(source: string, attributes: Readonly<Record<string, Value>> = {}): readonly [Value, string?] {
  const { value, error } = compileCesql(source, () => {}).evaluate(new Map(Object.entries({ ...usual, ...attributes })))
  return error === undefined ? [value] : [value, error.kind]
}

// Beside the conformance suite, which is in conformance.test.ts.
describe('a CESQL expression', () => {
  it.each<[string, Value]>([
    ['4-1', 3],
    ['4 -1', 3],
    ['2 - -1', 3],
    ['-2147483648', -2147483648],
    ['- 5 + 7', 2],
    ['+5', 5],
    ['-id123', 5],
    ['NOT TRUE = FALSE', true],
    ['1 + 2 * 3 = 7 AND 2 < 3', true],
    ['TRUE OR TRUE AND FALSE', false],
    ['FALSE AND FALSE OR TRUE', true],
    ["type = id LIKE 'x'", true],
    ['-7 / 2', -3],
    ['-7 % 2', -1],
    ['0 * -1 = 0', true],
    ["'' = ''", true]
  ])('has its precedences: %s', (source, value) => {
    expect(evaluate(source, { id123: '-5', type: 'false' })).toEqual([value])
  })

  it.each<[string, Value, string]>([
    ['2147483647 + 1', 0, 'math'],
    ['-2147483648 - 1', 0, 'math'],
    ['65536 * 65536', 0, 'math'],
    ['-(-2147483648)', 0, 'math'],
    ["INT('2147483648')", 0, 'cast'],
    ["INT(' 1')", 0, 'cast'],
    ['type = 5', false, 'cast'],
    ['type != 5', false, 'cast'],
    ["1 IN ('a', 1)", false, 'cast'],
    ['LENGTH(nowhere) + 1', 0, 'missingAttribute'],
    ['NOSUCH(id)', false, 'missingFunction'],
    ['SUBSTRING(id, 1, -1)', '', 'functionEvaluation']
  ])('gives a value with its error: %s', (source, value, error) => {
    expect(evaluate(source)).toEqual([value, error])
  })

  it('counts characters, not halves of them', () => {
    expect(evaluate("LENGTH('a👍b')")).toEqual([3])
    expect(evaluate("SUBSTRING('a👍b', 2, 1)")).toEqual(['👍'])
    expect(evaluate("'👍' LIKE '_'")).toEqual([true])
    expect(evaluate("'a👍👍' LIKE '%👍'")).toEqual([true])
  })

  it('trims what Unicode calls white space, and nothing else', () => {
    expect(evaluate('TRIM(subject)', { subject: '\u0085\u2003 a\uFEFF' })).toEqual(['a\uFEFF'])
  })

  it.each([
    ["'a.b' LIKE 'a_b'", true],
    ["'aXXb' LIKE 'a%%b'", true],
    ["'ab' LIKE 'ab%b'", false],
    ["'abab' LIKE '%ab'", true],
    ["'' LIKE '%'", true],
    ["'a\\%' LIKE 'a\\\\%'", true],
    ["'a%' LIKE 'a\\\\\\%'", false],
    ["\"it's\" LIKE 'it\\'s'", true]
  ])('matches a pattern as a whole: %s', (source, value) => {
    expect(evaluate(source)).toEqual([value])
  })

  it('sees a number of an event, and one that CESQL does not have as a text', () => {
    expect(evaluate('n + 1', { n: 4 })).toEqual([5])
    expect(evaluate("n = '1.5'", { n: 1.5 })).toEqual([true])
  })

  it('has attributes of any name of an object', () => {
    expect(evaluate('EXISTS constructor')).toEqual([false])
    expect(evaluate('constructor')).toEqual([false, 'missingAttribute'])
  })

  it.each([
    ['', 'expected a value, found the end at character 1'],
    ['id =', 'expected a value, found the end at character 5'],
    ['id id', "expected an operator or the end, found 'id' at character 4"],
    ['id NOT 5', "expected LIKE or IN, found '5' at character 8"],
    ['id IN ()', "expected a value, found ')' at character 8"],
    ['EXISTS (id)', "expected the name of an attribute, found '(' at character 8"],
    ['EXISTS and', "expected the name of an attribute, found 'and' at character 8"],
    ['my_ext = 1', "expected the name of an attribute, found 'my_ext' at character 1"],
    ["'a''b'", 'expected an operator or the end, found a text at character 4'],
    ['id = 2147483648', 'a whole number is beyond 32 bits at character 6'],
    ['id; 1', 'unexpected ";" at character 3'],
    ['UPPER(id, id)', 'there is no function UPPER of 2 arguments, called at character 1'],
    [`${'('.repeat(200)}1`, 'it is nested too deeply at character 101'],
    [`${'NOT '.repeat(200)}TRUE`, 'it is nested too deeply at character 401'],
    [`id = '${'a'.repeat(10_000)}'`, 'it has more than 10000 characters, cut at character 10001']
  ])('is refused with its place: %s', (source, message) => {
    expect(() => compileCesql(source)).toThrow(message)
  })

  it('is as long as it may be without a stack that overflows', () => {
    const long = `a${' or a'.repeat(1999)}`
    expect(long.length).toBeLessThanOrEqual(10_000)
    expect(evaluate(long, { a: 'false' })).toEqual([false])
  })

  it('takes a time that grows with the attribute alone, however often % stands in a pattern', () => {
    const source = `subject LIKE '${'%a'.repeat(50)}%b'`
    const startedAt = performance.now()
    expect(evaluate(source, { subject: 'a'.repeat(16_000) })).toEqual([false])
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
