import * as z from 'zod'
import { expected } from './expected.ts'
import { expressionSpec } from './expression-spec.ts'
import { filtersSpec } from './filter-spec.ts'

/** A JSONata expression over the event, or filters over its attributes. */
export const conditionSpec = z.union([expressionSpec, filtersSpec], {
  error: expected('a JSONata expression, or filters')
})

export type ConditionSpec = z.infer<typeof conditionSpec>
