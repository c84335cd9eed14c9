import { SluiceError } from '../../errors.ts'
import { createRequestId } from '../../event/request-id.ts'
import type { Rollout } from '../../pipeline/node.ts'
import { aborted, begun, promoted, restarted, type RolloutState } from './rollout-state.ts'

/** A person may want this of a rollout. */
export type RolloutCommand = 'promote' | 'abort' | 'restart'

/** The state after the command; `state` is `undefined` before the rollout has begun. Throws CONFLICT. */
export function commanded(command: RolloutCommand, state: RolloutState | undefined, rollout: Rollout): RolloutState {
  const [now, id] = [Date.now(), createRequestId()]
  const known = state ?? begun(rollout, now, id)
  switch (command) {
    case 'promote':
      if (known.phase === 'Completed') throw new SluiceError('CONFLICT', 'the rollout is complete already')
      return promoted(known, rollout, 'it was promoted by hand', now, id)
    case 'abort':
      return aborted(known, 'it was aborted by hand', now, id)
    case 'restart':
      return restarted(known, rollout, 'it was begun anew by hand', now, id)
  }
}
