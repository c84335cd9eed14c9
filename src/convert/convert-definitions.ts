import { SluiceError } from '../errors.ts'
import { formatFault, type Fault } from '../pipeline/fault.ts'
import { readPipelines } from '../pipeline/read-pipelines.ts'
import type { DefinitionSource } from '../pipeline/validate/read-source.ts'
import { convert } from './convert.ts'
import type { Converted } from './converted.ts'
import { isKind, kinds, refusedKinds } from './kinds.ts'

/**
 * Definitions as those of the kind with this name. Throws INVALID_REQUEST for a kind that there is not, or that this
 * version does not know yet, and for definitions with faults, all of which it names.
 */
export function convertDefinitions(source: DefinitionSource, to: string): Converted {
  if (!isKind(to)) throw new SluiceError('INVALID_REQUEST', whyNot(to))
  const { faults } = readPipelines([source])
  if (faults.length > 0) throw faulty(faults)
  return convert(source.text, to)
}

/** Why nothing converts to the kind of this name. */
export const whyNot = (to: string): string =>
  refusedKinds.includes(to)
    ? `this version of Sluice does not convert to ${to} yet; it converts to ${kinds.join(' and ')}`
    : `there is no kind ${JSON.stringify(to)} to convert to; there are ${kinds.join(' and ')}`

function faulty(faults: readonly Fault[]): SluiceError {
  const lines = faults.map(formatFault)
  return new SluiceError('INVALID_REQUEST', `the definition has faults:\n${lines.join('\n')}`, {
    facts: { faults: lines }
  })
}
