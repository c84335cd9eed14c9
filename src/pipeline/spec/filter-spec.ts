import * as z from 'zod'
import { messageOf } from '../../errors.ts'
import { compileCesql } from '../cesql/cesql.ts'
import { expected } from './expected.ts'
import { rules, type Rule } from './rule.ts'

const attributesSpec = z
  .record(
    z.string().regex(/^[a-z0-9]+$/, { error: 'must be the name of an attribute: lower-case letters and digits' }),
    z.string().min(1)
  )
  .refine(attributes => Object.keys(attributes).length > 0, { error: 'must name at least one attribute' })

/**
 * An expression over the attributes of an event; it is compiled here, so that a fault of it is one of the definition.
 */
const cesqlSpec = z
  .string({ error: expected('a CloudEvents SQL expression') })
  .min(1, { abort: true })
  .superRefine((source, context) => {
    const message = cesqlFault(source)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

function cesqlFault(source: string): string | undefined {
  try {
    const { returns } = compileCesql(source)
    if (returns === undefined || returns === 'boolean') return undefined
    return `is never true: it gives ${returns === 'integer' ? 'a number' : 'a text'}`
  } catch (error) {
    return `is not a CloudEvents SQL expression: ${messageOf(error)}`
  }
}

const dialects = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cesql'] as const

/** A filter is of one dialect. */
const checkDialect: Rule = (filter, report) => {
  const [first, ...others] = dialects.filter(dialect => filter[dialect] !== undefined)
  if (first === undefined && Object.keys(filter).length === 0) report([], `needs one of ${dialects.join(', ')}`)
  for (const other of others) {
    report([other], `must not be beside '${first}': a filter has one dialect`, 'make it a filter of its own')
  }
}

/** One filter of the CloudEvents subscriptions API, as a Knative Trigger has it. */
const filterSpec = z
  .strictObject({
    exact: attributesSpec.optional().describe('Each of these attributes has this value.'),
    prefix: attributesSpec.optional().describe('Each of these attributes begins so.'),
    suffix: attributesSpec.optional().describe('Each of these attributes ends so.'),
    get all() {
      return z.array(filterSpec).min(1).optional().describe('All of these hold.')
    },
    get any() {
      return z.array(filterSpec).min(1).optional().describe('At least one of these holds.')
    },
    get not() {
      return filterSpec.optional().describe('This does not hold.')
    },
    cesql: cesqlSpec.optional().describe('A CloudEvents SQL expression is true; it sees attributes, and no data.')
  })
  .superRefine(...rules(checkDialect))
  .meta({ id: 'Filter', description: 'A filter over the attributes of an event, of one dialect.' })

export type FilterSpec = z.infer<typeof filterSpec>

/** Filters that must all hold. */
export const filtersSpec = z.strictObject({
  filters: z.array(filterSpec).min(1).describe('All must hold, as in a Knative Trigger.')
})
