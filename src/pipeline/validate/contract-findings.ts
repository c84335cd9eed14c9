import { schemaFaults } from '../contract/schema-faults.ts'
import { eachStep } from '../spec/each-step.ts'
import { isMapping } from '../spec/rule.ts'
import type { Finding, Path } from './finding.ts'
import { valueAt } from './value-at.ts'

/** The faults of the schemas in a document, each at the place in the schema that is to blame. */
export function* contractFindings(document: unknown): Generator<Finding> {
  yield* contractAt(document, ['spec', 'contract'])
  for (const { path } of eachStep(valueAt(document, ['spec', 'steps']), ['spec', 'steps'])) {
    yield* contractAt(document, [...path, 'contract'])
  }
}

function* contractAt(document: unknown, at: Path): Generator<Finding> {
  const contract = valueAt(document, at)
  if (contract === undefined) return
  for (const side of ['input', 'output']) {
    const schema = valueAt(contract, [side])
    if (typeof schema !== 'boolean' && !isMapping(schema)) continue
    for (const { path, message } of schemaFaults(schema)) {
      yield { path: [...at, side, ...path], at: 'value', code: 'INVALID', message, hint: undefined }
    }
  }
}
