import { compileCesql } from '../cesql/cesql.ts'
import type { EvaluationError } from '../cesql/evaluation.ts'
import type { Attributes } from '../cesql/value.ts'
import type { FilterSpec } from '../spec/filter-spec.ts'

/** Whether a filter holds for these attributes; errors of expressions are told, and let nothing pass. */
type Test = (attributes: Attributes, tell: Tell) => boolean

/** Is told why an expression gave nothing. */
export type Tell = (expression: string, error: EvaluationError) => void

/** Filters that must all hold. They see the attributes as they are, and copy nothing. */
export class EventFilter {
  readonly filters: readonly FilterSpec[]
  readonly #test: Test

  constructor(filters: readonly FilterSpec[]) {
    this.filters = filters
    this.#test = all(filters)
  }

  passes(attributes: Attributes, tell: Tell): boolean {
    return this.#test(attributes, tell)
  }
}

function compileFilter({ exact, prefix, suffix, all: every, any, not, cesql }: FilterSpec): Test {
  if (exact !== undefined) return attributesTest(exact, (value, wanted) => value === wanted)
  if (prefix !== undefined) return attributesTest(prefix, (value, wanted) => value.startsWith(wanted))
  if (suffix !== undefined) return attributesTest(suffix, (value, wanted) => value.endsWith(wanted))
  if (every !== undefined) return all(every)
  if (any !== undefined) {
    const tests = any.map(compileFilter)
    return (attributes, tell) => tests.some(test => test(attributes, tell))
  }
  if (not !== undefined) {
    const test = compileFilter(not)
    return (attributes, tell) => !test(attributes, tell)
  }
  if (cesql !== undefined) return cesqlTest(cesql)
  throw new Error('a filter has one dialect')
}

function all(filters: readonly FilterSpec[]): Test {
  const tests = filters.map(compileFilter)
  return (attributes, tell) => tests.every(test => test(attributes, tell))
}

function attributesTest(
  wanted: Readonly<Record<string, string>>,
  matches: (value: string, wanted: string) => boolean
): Test {
  const entries = Object.entries(wanted)
  return attributes =>
    entries.every(([name, text]) => {
      const value = attributes.get(name)
      return value !== undefined && matches(String(value), text)
    })
}

function cesqlTest(source: string): Test {
  const expression = compileCesql(source)
  return (attributes, tell) => {
    const { value, error } = expression.evaluate(attributes)
    if (error !== undefined) tell(source, error)
    return error === undefined && value === true
  }
}
