import type { Ajv2020 } from 'ajv/dist/2020.js'
import { messageOf } from '../../errors.ts'
import { isMapping } from '../spec/rule.ts'
import { allowance } from './allowance.ts'
import { compileSchema } from './compile-schema.ts'
import { LinearPattern } from './linear-pattern.ts'
import { loadAjv } from './load-ajv.ts'
import { changeSchemas, leadsToSchema, type SchemaFields, type SchemaPath } from './schema-places.ts'

/** A mistake in a schema, by its place in it. */
export interface SchemaFault {
  readonly path: SchemaPath
  readonly message: string
}

/** Characters of a schema as JSON. */
const maxLength = 256 * 1024

const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** Every mistake in a schema; none: it can be compiled. */
export function schemaFaults(schema: unknown): readonly SchemaFault[] {
  try {
    return [...findFaults(schema)]
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return [{ path: [], message: 'is nested too deep' }]
  }
}

function findFaults(schema: unknown): readonly SchemaFault[] {
  if (JSON.stringify(schema).length > maxLength)
    return [{ path: [], message: `must be at most ${maxLength} characters long as JSON` }]
  const faults = [...forbidden(schema, []), ...dialectFaults(schema), ...metaFaults(schema)]
  if (faults.length > 0) return faults
  const deeper = deeperFaults(schema)
  return deeper.length > 0 ? deeper : compileFaults(schema)
}

/** The name is not a member for the code that is made of a schema, so that it would be passed over in silence. */
function* forbidden(value: unknown, path: SchemaFault['path']): Generator<SchemaFault> {
  if (Array.isArray(value)) for (const [i, each] of value.entries()) yield* forbidden(each, [...path, i])
  if (!isMapping(value)) return
  for (const [name, inner] of Object.entries(value)) {
    const at = [...path, name]
    if (name === '__proto__') yield { path: at, message: 'must not be a name in a schema' }
    else if (name === '$async' && path.length === 0) yield { path: at, message: 'is not a part of JSON Schema' }
    else yield* forbidden(inner, at)
  }
}

function dialectFaults(schema: unknown): readonly SchemaFault[] {
  const said = isMapping(schema) ? schema['$schema'] : undefined
  if (said === undefined || (typeof said === 'string' && said.replace(/#$/, '') === dialect)) return []
  return [{ path: ['$schema'], message: `must be ${dialect}` }]
}

let meta: Ajv2020 | undefined

/** The faults that the schema of schemas finds; of several faults at one place the first is told. */
function metaFaults(schema: unknown): SchemaFault[] {
  const { Ajv2020: Ajv } = loadAjv()
  meta ??= new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false })
  const validate = meta.getSchema(dialect)
  if (validate === undefined || validate(schema) === true) return []
  const faults = new Map<string, SchemaFault>()
  for (const { instancePath, message = 'is not valid', params } of validate.errors ?? []) {
    if (faults.has(instancePath)) continue
    const allowed: unknown = params['allowedValues']
    const told = allowed === undefined ? message : `must be one of ${JSON.stringify(allowed)}`
    faults.set(instancePath, { path: partsOf(instancePath, schema), message: told })
  }
  return [...faults.values()]
}

function partsOf(pointer: string, schema: unknown): (string | number)[] {
  let at: unknown = schema
  return pointer
    .split('/')
    .slice(1)
    .map(part => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const key = Array.isArray(at) ? Number(name) : name
      at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
      return key
    })
}

/** The faults of a schema that the schema of schemas does not know of, each at the schema that it is in. */
function deeperFaults(schema: unknown): SchemaFault[] {
  const faults: SchemaFault[] = []
  changeSchemas(schema, (fields, path) => {
    faults.push(...referenceFaults(fields, path), ...patternFaults(fields, path))
    return fields
  })
  return faults
}

/** A pointer must lead to a schema by its place, since only those are compiled with a look at the time. */
function* referenceFaults(fields: SchemaFields, path: SchemaPath): Generator<SchemaFault> {
  for (const keyword of ['$ref', '$dynamicRef']) {
    const reference = fields[keyword]
    const [, pointer = ''] = typeof reference === 'string' ? reference.split('#') : []
    if (!pointer.startsWith('/') || leadsToSchema(pointer)) continue
    yield { path: [...path, keyword], message: 'must refer to a schema, such as #/$defs/NAME' }
  }
}

function* patternFaults({ pattern, patternProperties }: SchemaFields, path: SchemaPath): Generator<SchemaFault> {
  const named = isMapping(patternProperties) ? Object.keys(patternProperties) : []
  const patterns: SchemaPath[] = named.map(name => ['patternProperties', name])
  if (pattern !== undefined) patterns.push(['pattern'])
  for (const at of patterns) {
    const message = patternFault(String(at[1] ?? pattern))
    if (message !== undefined) yield { path: [...path, ...at], message }
  }
}

function patternFault(source: string): string | undefined {
  try {
    return void new LinearPattern(source)
  } catch (thrown) {
    return `must be a regular expression that runs in linear time: ${messageOf(thrown)}`
  }
}

/** References that lead nowhere or in a circle. Nothing is fetched. */
function compileFaults(schema: unknown): SchemaFault[] {
  try {
    const validate = compileSchema(schema, false)
    allowance.grant()
    validate(null)
    return []
  } catch (thrown) {
    const message =
      thrown instanceof RangeError ? 'refers to itself without end, or is nested too deep' : messageOf(thrown)
    return [{ path: pathOfReference(schema, message), message }]
  }
}

/** Of the first reference that the message names; the schema as a whole where it names none. */
function pathOfReference(schema: unknown, message: string): SchemaPath {
  let found: SchemaPath = []
  changeSchemas(schema, (fields, path) => {
    if (message.includes(`reference ${String(fields['$ref'])} from`)) found = [...path, '$ref']
    return fields
  })
  return found
}
