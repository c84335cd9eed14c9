import type * as z from 'zod'
import { SluiceError } from '../errors.ts'
import { nearest } from '../pipeline/validate/nearest.ts'

/** The parameters of a query as the schema wants them. Throws INVALID_REQUEST that names every faulty one. */
export function readQuery<Schema extends z.ZodObject>(schema: Schema, query: URLSearchParams): z.infer<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(query))
  const names = Object.keys(schema.shape)
  const faults = [
    ...names.filter(name => query.getAll(name).length > 1).map(name => `${name}: is given more than once`),
    ...(parsed.error?.issues ?? []).flatMap(issue => explain(issue, names))
  ]
  if (parsed.success && faults.length === 0) return parsed.data
  throw new SluiceError('INVALID_REQUEST', faults.join('; '), { facts: { faults } })
}

function explain(issue: z.core.$ZodIssue, names: readonly string[]): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${String(issue.path[0])}: ${issue.message}`]
  return issue.keys.map(name => {
    const meant = nearest(name, names)
    return `${name}: unknown parameter${meant === undefined ? '' : `; did you mean '${meant}'?`}`
  })
}
