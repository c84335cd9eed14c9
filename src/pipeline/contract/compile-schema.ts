import type { Ajv2020, KeywordCxt, ValidateFunction } from 'ajv/dist/2020.js'
import { allowance, maxFaults } from './allowance.ts'
import { hasUniqueItems } from './has-unique-items.ts'
import { linearPatterns } from './linear-pattern.ts'
import { loadAjv, loadNames } from './load-ajv.ts'
import { changeSchemas } from './schema-places.ts'

/** Stands in each schema of one that is compiled, and looks whether there is time left. */
const watched = 'x-sluice-watched'

/**
 * A schema as a function, from which nothing of another schema can be reached. `all`: it goes on after the first fault.
 * Throws an Error where a reference leads nowhere, or a pattern cannot run in linear time.
 */
export function compileSchema(schema: unknown, all: boolean): ValidateFunction {
  const copy = changeSchemas(schema, fields => (isEmpty(fields) ? fields : { ...fields, [watched]: true }))
  return createAjv(all).compile(copy)
}

const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0

/** One for each schema, because schemas that share one see each other's `$id`. */
function createAjv(all: boolean): Ajv2020 {
  const { Ajv2020: Ajv, _ } = loadAjv()
  const ajv = new Ajv({
    allErrors: all,
    strict: false,
    // The meta-schema has judged it before.
    meta: false,
    validateSchema: false,
    // Whatever an object inherits is not a member of it.
    ownProperties: true,
    // A reference is the call of a function: copies of what it refers to would multiply.
    inlineRefs: false,
    validateFormats: false,
    logger: false,
    code: { regExp: linearPatterns }
  })
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    validate: (wanted: unknown, items: readonly unknown[]) => wanted !== true || hasUniqueItems(items),
    error: { message: 'must NOT have items that are equal' }
  })
  const names = loadNames()
  const code = ({ gen }: KeywordCxt): void => {
    const left = gen.scopeValue('obj', { ref: allowance })
    gen.if(_`--${left}.left < 0`, () => gen.code(_`${left}.look()`))
    if (all) gen.if(_`${names.errors} >= ${maxFaults}`, () => gen.code(_`${left}.enough(${names.vErrors})`))
  }
  ajv.addKeyword({ keyword: watched, before: '$ref', code })
  return ajv
}
