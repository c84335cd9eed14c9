import { describe, expect, it } from 'vitest'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { aDefinition } from './a-definition.ts'

const read = (text: string) => readPipelines([{ file: 'hostile.yaml', text }])
const messages = (text: string): string[] => read(text).faults.map(({ message }) => message)

describe('a hostile definition', () => {
  it.each([
    ['lists', '['.repeat(100_000)],
    ['mappings', '{a: '.repeat(100_000)],
    ['block lists', '- '.repeat(50_000)],
    ['complex keys', '? '.repeat(50_000)],
    ['closed lists', '['.repeat(300) + ']'.repeat(300)]
  ])('that is nested without end is one fault: %s', (_name, text) => {
    expect(messages(text)).toEqual(['the document is nested too deeply'])
  })

  it('that multiplies aliases is refused', () => {
    const letters = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
    const laughs = letters.map((letter, i) => `${letter}: &${letter} [${`*${['a', ...letters][i]},`.repeat(9)}]\n`)
    const { faults } = read(`a: &a [lol,lol,lol,lol]\n${laughs.join('')}`)
    expect(faults.map(({ code }) => code)).toEqual(['LIMIT'])
  })

  it('with steps within themselves is refused', () => {
    const steps = '&steps [{switch: [{when: data, steps: *steps}]}]'
    expect(messages(aDefinition('loop', `{steps: ${steps}}`))).toEqual([
      'the anchor &steps contains this alias of itself'
    ])
  })

  it('with a hundred thousand aliases is refused', () => {
    expect(messages(`a: &a 1\nb: [${'*a,'.repeat(100_000)}]`)).toEqual(['the document has more than 100 aliases'])
  })

  it('with names of the language prototypes has unknown fields, and pollutes nothing', () => {
    const { faults } = read(aDefinition('a, __proto__: {x: 1}, constructor: 1, toString: 1'))
    expect(faults.map(({ path, code }) => [path, code])).toEqual([
      ['metadata.__proto__', 'UNKNOWN_FIELD'],
      ['metadata.constructor', 'UNKNOWN_FIELD'],
      ['metadata.toString', 'UNKNOWN_FIELD']
    ])
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('with a scalar of a megabyte gets a short message', () => {
    const [message] = messages(aDefinition('big', `{steps: [{uri: http://${'x'.repeat(2 ** 20)}}]}`))
    expect(message).toBe('must be at most 2048 characters long')
    const [other] = messages(aDefinition(`"${'x'.repeat(2 ** 20)}"`))
    expect(other?.length).toBeLessThan(200)
  })

  it('with very many faults is read no further', () => {
    const { faults } = read(Array.from({ length: 100_000 }, (_, i) => `field-${i}: 1\n`).join(''))
    expect(faults).toHaveLength(1001)
    expect(faults.at(-1)?.message).toBe('more than 1000 faults: reading stops here')
  })

  it('with a field twice, very often, is read in no time', () => {
    expect(messages('a: 1\n'.repeat(200_000)).slice(0, 2)).toEqual(Array(2).fill('this field is written twice'))
  })

  it('with too many steps is refused', () => {
    const steps = '{uri: "http://localhost:9101"},'.repeat(1001)
    expect(messages(aDefinition('long', `{steps: [${steps}]}`))).toEqual(['must have at most 1000 entries'])
  })
})
