import * as z from 'zod'
import { isMapping, type Fields } from './spec/rule.ts'
import { servingPipeline, sourcedPipeline } from './spec/serving-pipeline.ts'
import { refusedInSpec, refusedInStep, type Refused } from './supported.ts'

/** JSON Schema 2020-12 of a ServingPipeline, for editors: of what this version executes, and nothing that it refuses. */
export const jsonSchema = (): z.core.JSONSchema.BaseSchema => executed(servingPipeline, 'PipelineSpec')

/** The same of a Pipeline. */
export const sourcedJsonSchema = (): z.core.JSONSchema.BaseSchema => executed(sourcedPipeline, 'SourcedSpec')

function executed(resource: z.ZodType, spec: string): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(resource, { target: 'draft-2020-12', io: 'input' })
  const { $defs = {} } = schema
  for (const [path, refused] of Object.entries(refusedInSpec)) take(refused, $defs[spec], path.split('.'))
  for (const [path, refused] of Object.entries(refusedInStep)) take(refused, $defs['Step'], path.split('.'))
  return schema
}

/** Takes the field at the path out of the schema of an object, or those of its values that are refused. */
function take(refused: Refused, schema: unknown, [name = '', ...below]: readonly string[]): void {
  const properties = isMapping(schema) ? schema['properties'] : undefined
  if (!isMapping(properties)) return
  const field = properties[name]
  if (below.length > 0) take(refused, field, below)
  else if (refused === 'every') Reflect.deleteProperty(properties, name)
  else if (isMapping(field)) Object.assign(field, { enum: valuesOf(field).filter(value => !refused.includes(value)) })
}

const valuesOf = (field: Fields): readonly (string | boolean)[] =>
  field['type'] === 'boolean' ? [true, false] : z.array(z.string()).parse(field['enum'])
