import { SluiceError } from '../../errors.ts'
import { expressionLimits as limits } from './expression-limits.ts'
import { failureText } from './failure-text.ts'
import { Refusal } from './refusal.ts'

/** The reason for which an expression was stopped, by the codes of JSONata and of Node. */
const exceeded: Readonly<Record<string, string>> = {
  D1011: `${limits.calls} levels of calls`,
  D1012: `${limits.milliseconds} ms`,
  D2014: `${limits.elements} elements`,
  D2015: `${limits.elements} elements`,
  ERR_SCRIPT_EXECUTION_TIMEOUT: `${limits.milliseconds} ms`,
  RangeError: 'the size of a text or of the result'
}

/** EXPRESSION_LIMIT or EXPRESSION_FAILED, by what an evaluation threw. */
export function toExpressionFailure(source: string, thrown: unknown): SluiceError {
  const expression = `the expression ${JSON.stringify(source.length > 80 ? `${source.slice(0, 80)}…` : source)}`
  const limit = exceeded[kindOf(thrown)]
  if (limit !== undefined) return new SluiceError('EXPRESSION_LIMIT', `${expression} ran into its limit: ${limit}`)
  return new SluiceError('EXPRESSION_FAILED', `${expression} failed: ${failureText(tellable(thrown))}`)
}

/** Errors that JSONata did not foresee are those of the language, which quote values and tell of JSONata's inside. */
function tellable(thrown: unknown): unknown {
  if (thrown instanceof Refusal || jsonataCode.test(kindOf(thrown))) return thrown
  return { ...(thrown as object), message: 'a value is not of a kind that can be used there' }
}

const jsonataCode = /^[DST]\d{4}$/

/** Errors may come from another realm, so they are told apart by name. */
function kindOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return ''
  if ('code' in thrown) return String(thrown.code)
  return 'name' in thrown ? String(thrown.name) : ''
}
