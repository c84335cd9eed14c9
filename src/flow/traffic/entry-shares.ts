import { isAwaited } from '../../pipeline/canary-ref.ts'
import type { CallStep } from '../../pipeline/node.ts'
import type { EntryShare } from './turns.ts'

/** The entries of a step's traffic as turns know them: what is not ready yet is not rolled out either. */
export const entryShares = ({ traffic, rollout }: CallStep): readonly EntryShare[] =>
  traffic.map(({ name, tag, percent, destination }) => ({
    name,
    percent,
    ...(rollout !== undefined && tag === rollout.tag && !isAwaited(destination) && { rolled: rollout.of })
  }))
