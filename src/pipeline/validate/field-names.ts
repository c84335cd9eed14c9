import * as z from 'zod'
import type { Path } from './finding.ts'

/** The fields allowed at a place of a schema, and `field.inner` for those of the mappings right below it. */
export interface FieldNames {
  readonly own: readonly string[]
  readonly inner: readonly string[]
}

export function fieldNames(schema: z.core.$ZodType, path: Path): FieldNames {
  const fields = objectsAt(schema, path).flatMap(object => Object.entries(object.shape))
  const inner = fields.flatMap(([name, field]) =>
    objectsAt(field, []).flatMap(object => Object.keys(object.shape).map(below => `${name}.${below}`))
  )
  return { own: fields.map(([name]) => name), inner }
}

/** More than one where a union allows more than one mapping. */
function objectsAt(schema: z.core.$ZodType | undefined, path: Path): z.ZodObject[] {
  if (schema instanceof z.ZodOptional) return objectsAt(schema.unwrap(), path)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(option => objectsAt(option, path))
  const [key, ...rest] = path
  if (schema instanceof z.ZodObject) return key === undefined ? [schema] : objectsAt(schema.shape[key], rest)
  if (schema instanceof z.ZodRecord && key !== undefined) return objectsAt(schema.valueType, rest)
  if (schema instanceof z.ZodArray && key !== undefined) return objectsAt(schema.element, rest)
  return []
}
