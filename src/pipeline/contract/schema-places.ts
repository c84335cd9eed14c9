import { isMapping } from '../spec/rule.ts'

/** Keywords of JSON Schema 2020-12 whose value is a schema. */
const one: ReadonlySet<string> = new Set([
  'additionalProperties',
  'items',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema'
])

/** … is a list of schemas. */
const list: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])

/** … has a schema by each name. */
const map: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas'
])

export type SchemaPath = readonly (string | number)[]

/**
 * A copy of a schema with something done to each schema in it, which `change` is told the path of; values that are data
 * stay as they are.
 */
export function changeSchemas(schema: unknown, change: ChangeSchema, path: SchemaPath = []): JsonSchema {
  if (!isMapping(schema)) return schema === false ? false : schema === true
  const inner = (value: unknown, ...below: SchemaPath) => changeSchemas(value, change, [...path, ...below])
  const changed = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (one.has(keyword)) return [keyword, inner(value, keyword)]
    if (list.has(keyword) && Array.isArray(value)) return [keyword, value.map((each, i) => inner(each, keyword, i))]
    if (!map.has(keyword) || !isMapping(value)) return [keyword, value]
    const members = Object.entries(value).map(([name, each]) => [name, inner(each, keyword, name)])
    return [keyword, Object.fromEntries(members)]
  })
  return change(Object.fromEntries(changed), path)
}

export type JsonSchema = boolean | SchemaFields

type ChangeSchema = (schema: SchemaFields, path: SchemaPath) => SchemaFields

export type SchemaFields = Readonly<Record<string, unknown>>

/** Whether a JSON pointer into a schema leads to a schema, by the keywords that it goes through. */
export function leadsToSchema(pointer: string): boolean {
  const [, ...parts] = pointer.split('/')
  while (parts.length > 0) {
    const keyword = parts.shift() ?? ''
    if (one.has(keyword)) continue
    if (!list.has(keyword) && !map.has(keyword)) return false
    if (parts.shift() === undefined) return false
  }
  return true
}
