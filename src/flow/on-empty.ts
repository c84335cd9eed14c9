import { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { OnEmpty } from '../pipeline/node.ts'
import { failedAt, type StageResult } from './stage.ts'

/**
 * The meaning of a step's silence. `current` is the event before `input:` changed it; `filteredBy` names the innermost
 * step that was silent.
 */
export function emptied(
  { name, onEmpty }: { readonly name: string; readonly onEmpty: OnEmpty },
  input: CloudEvent,
  current: CloudEvent,
  filteredBy: string = name
): StageResult {
  switch (onEmpty) {
    case 'stop':
      return { kind: 'filtered', step: filteredBy }
    case 'pass':
      return { kind: 'passed', event: current }
    case 'fail':
      return failedAt(new SluiceError('STEP_BAD_REPLY', `step "${name}" gave an empty answer`), input)
  }
}
