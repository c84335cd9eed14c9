import { isAwaited } from '../../pipeline/canary-ref.ts'
import type { CallStep } from '../../pipeline/node.ts'
import type { Plan } from '../../pipeline/plan.ts'
import type { Mark } from '../mark.ts'
import { rootPath } from '../../pipeline/paths.ts'
import type { Request } from '../request.ts'
import { around, cancelled, type StagePolicy, type StageReport } from '../stage.ts'
import type { Surroundings } from '../surroundings.ts'
import { entryShares } from './entry-shares.ts'
import { stepKey, type Turns } from './turns.ts'

/** The path of the sequence in which a step stands. */
const sequenceOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : rootPath)

/**
 * Chooses the entry of traffic that a request goes to, once: what a stored request has chosen is written down before the
 * call, so that it holds for later deliveries, and for a replay from there.
 */
export function choosesEntry({ pipeline }: Plan, step: CallStep, turns: Turns): StagePolicy {
  const { traffic, path, name } = step
  if (traffic.length === 0) return next => next
  const sequence = sequenceOf(path)
  const key = stepKey(pipeline, path)
  const shares = entryShares(step)
  const isThere = (entry: string | undefined): entry is string => traffic.some(each => each.name === entry)
  /** The image of an entry of an older generation may be gone. */
  const isAway = (entry: string): boolean =>
    traffic.some(({ name: each, destination }) => each === entry && isAwaited(destination))

  const choose = (request: Request, surroundings: Surroundings): string | Promise<string> => {
    const mark = surroundings.marks.get(sequence)
    const picked = request.tags?.get(path)
    if (mark?.next === name && isThere(mark.chosen) && (mark.chosen === picked || !isAway(mark.chosen)))
      return mark.chosen
    return isThere(picked) ? picked : turns.next(key, shares)
  }
  return next =>
    around(next, async (event, request, surroundings) => {
      const chosen = await choose(request, surroundings)
      const mark = { next: name, event, replies: surroundings.replies, ended: undefined, chosen }
      if (!(await writeDown(sequence, mark, request, surroundings))) return { result: cancelled, attempts: 0 }
      return standing(await next.run(event, request, { ...surroundings, chosen }), sequence, mark)
    })
}

/** False: somebody else has the request by now. */
async function writeDown(path: string, mark: Mark, { journal }: Request, { marks }: Surroundings): Promise<boolean> {
  if (journal === undefined || marks.get(path)?.chosen === mark.chosen) return true
  return journal.checkpoint(path, mark)
}

/** A request that fails there, or is put down, stands at the entry that it has chosen. */
function standing(report: StageReport, sequence: string, mark: Mark): StageReport {
  const { result } = report
  if (result.kind !== 'failed' && result.kind !== 'cancelled') return report
  return { ...report, result: { ...result, marks: new Map([[sequence, mark], ...result.marks]) } }
}
