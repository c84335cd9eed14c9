import { compileExpression, type Expression } from './expression.ts'
import { EventFilter } from './filter/event-filter.ts'
import type { ConditionSpec } from './spec/condition-spec.ts'

/** `when`, compiled. */
export type Condition = Expression | EventFilter

export const compileCondition = (spec: ConditionSpec): Condition =>
  typeof spec === 'string' ? compileExpression(spec) : new EventFilter(spec.filters)
