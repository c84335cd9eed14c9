import { createRequire } from 'node:module'
import { Ajv2020, _, type ErrorObject, type KeywordCxt } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'

const names = (
  createRequire(import.meta.url)('ajv/dist/compile/names.js') as { readonly default: Record<string, never> }
).default

// `pipeline/contract/compile-schema.ts` has its own code run in each schema, beside that of the keywords.
it('a keyword that makes code sees how many faults there are so far, and which', () => {
  const seen: { readonly count: number; readonly keywords: readonly string[] }[] = []
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false, meta: false })
  const tell = (count: number, faults: readonly ErrorObject[] | null): void => {
    seen.push({ count, keywords: (faults ?? []).map(({ keyword }) => keyword) })
  }
  const code = ({ gen }: KeywordCxt): void => {
    const told = gen.scopeValue('func', { ref: tell })
    gen.code(_`${told}(${names['errors']}, ${names['vErrors']})`)
  }
  ajv.addKeyword({ keyword: 'x-ours', before: '$ref', code })
  const validate = ajv.compile({ items: { type: 'string', minLength: 2, 'x-ours': true }, 'x-ours': true })
  expect(validate(['c', 'd'])).toBe(false)
  expect(seen).toEqual([
    { count: 0, keywords: [] },
    { count: 0, keywords: [] },
    { count: 1, keywords: ['minLength'] }
  ])
})

// `pipeline/contract/linear-pattern.ts` takes the place of regular expressions.
it('asks the engine that it is given for each pattern, and nothing else of it than test', () => {
  const asked: string[] = []
  const engine = Object.assign(
    (source: string) => ({ test: (text: string) => asked.push(`${source} ${text}`) > 0, toString: () => source }),
    { code: 'ours' }
  )
  const ajv = new Ajv2020({ strict: false, validateSchema: false, meta: false, code: { regExp: engine } })
  const validate = ajv.compile({ pattern: '^a', patternProperties: { b$: true } })
  expect([validate('text'), validate({ ab: 1 })]).toEqual([true, true])
  expect(asked).toContain('^a text')
})
