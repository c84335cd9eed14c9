import type { ErrorObject, ValidateFunction } from 'ajv'
import type { DataFault } from '../../errors.ts'
import { allowance, EnoughFaults, maxFaults, TooCostly } from './allowance.ts'
import { compileSchema } from './compile-schema.ts'
import { dataFault } from './data-fault.ts'

/**
 * A JSON Schema that data is held against. It is compiled when it is first needed, and once more when data does not
 * match: to stop at the first fault is cheap, and to find all of them need not be.
 */
export class SchemaCheck {
  readonly schema: unknown
  #matches: ValidateFunction | undefined
  #collects: ValidateFunction | undefined

  constructor(schema: unknown) {
    this.schema = schema
  }

  /** The faults of the value, at most a hundred of them; none: it matches. */
  faultsOf(value: unknown): readonly DataFault[] {
    try {
      if (runOf((this.#matches ??= compileSchema(this.schema, false)), value).length === 0) return none
      return runOf((this.#collects ??= compileSchema(this.schema, true)), value)
    } catch (thrown) {
      if (thrown instanceof TooCostly) return [{ pointer: '', message: `cannot be checked: ${thrown.message}` }]
      if (thrown instanceof RangeError) return [{ pointer: '', message: 'cannot be checked: it is nested too deep' }]
      throw thrown
    }
  }
}

const none: readonly DataFault[] = []

function runOf(validate: ValidateFunction, value: unknown): readonly DataFault[] {
  allowance.grant()
  try {
    if (validate(value)) return none
    return told(validate.errors ?? [])
  } catch (thrown) {
    if (!(thrown instanceof EnoughFaults)) throw thrown
    return told(thrown.found)
  } finally {
    // The function would keep what it was given until the next time.
    validate.errors = null
  }
}

/** There is at least one, since the data does not match. */
function told(errors: readonly object[]): readonly DataFault[] {
  const faults = errors.slice(0, maxFaults).map(error => dataFault(error as ErrorObject))
  return faults.length === 0 ? [{ pointer: '', message: 'does not match the schema' }] : faults
}
