import { eachStep } from '../spec/each-step.ts'
import { found } from '../spec/found.ts'
import { refusedInSpec, refusedInStep, type Refused } from '../supported.ts'
import type { Finding, Path } from './finding.ts'
import { valueAt } from './value-at.ts'

/** The fields of a document that this version does not execute yet. */
export function* refusedFields(document: unknown): Generator<Finding> {
  yield* refusedBelow(valueAt(document, ['spec']), ['spec'], specFields)
  for (const { path, step } of eachStep(valueAt(document, ['spec', 'steps']), ['spec', 'steps'])) {
    yield* refusedBelow(step, path, stepFields)
  }
}

type FieldRule = readonly [path: Path, refused: Refused]

const fieldRules = (table: Readonly<Record<string, Refused>>): readonly FieldRule[] =>
  Object.entries(table).map(([path, refused]) => [path.split('.'), refused])

const specFields = fieldRules(refusedInSpec)
const stepFields = fieldRules(refusedInStep)

function* refusedBelow(value: unknown, at: Path, fields: readonly FieldRule[]): Generator<Finding> {
  for (const [path, refused] of fields) {
    const written = valueAt(value, path)
    if (written === undefined || (refused !== 'every' && !refused.some(one => one === written))) continue
    const subject = refused === 'every' ? '' : `${found(written)} `
    const message = `${subject}is not supported yet by this version of Sluice`
    yield { path: [...at, ...path], at: 'key', code: 'NOT_SUPPORTED', message, hint: undefined }
  }
}
