import type { Accounts } from '../kills/callers.ts'
import type { Audit } from '../kills/accounting.ts'
import type { Ends } from '../kills/read-ends.ts'
import type { TrailSteps } from './trail-steps.ts'

export interface TrailBooks {
  readonly accounts: Accounts
  readonly ends: Ends
  readonly steps: TrailSteps
  /** The names of the steps of a generation. */
  readonly stepsOf: (generation: number | undefined) => readonly string[]
  /** Whether a step may be called again by a further delivery, as after a kill. */
  readonly mayRepeat: boolean
}

type Fault = readonly [kind: 'lost' | 'failed' | 'skipped' | 'doubled' | 'foreign', told: string]

/** Each 202 ended as replied, and was at each step of the definition that it was accepted with once, in its order. */
export function auditTrails(books: TrailBooks): Audit {
  const faults = [...books.accounts.accepted.keys()].flatMap(n =>
    faultsOf(n, books).map(([kind, told]): Fault => [kind, `event ${n} ${told}`])
  )
  const count = (kind: Fault[0]): number => faults.filter(fault => fault[0] === kind).length
  const ends = [...books.ends.values()]
  const figures = {
    accepted: books.accounts.accepted.size,
    unanswered: books.accounts.unanswered,
    'of them with the first definition': ends.filter(({ generation }) => generation === 1).length,
    lost: count('lost'),
    'ended as failed': count('failed'),
    'with a step skipped': count('skipped'),
    'with a step doubled': count('doubled'),
    'with a step of another definition': count('foreign'),
    'steps called again by a further delivery': ends.reduce((sum, { deliveries }) => sum + deliveries - 1, 0)
  }
  return { figures, broken: faults.map(([, told]) => told) }
}

function faultsOf(n: number, { ends, steps, stepsOf, mayRepeat }: TrailBooks): readonly Fault[] {
  const end = ends.get(n)
  if (end?.finishedAt === undefined) return [['lost', 'is lost']]
  if (end.status !== 'replied') return [['failed', `ended as ${end.status}: ${JSON.stringify(end.error)}`]]
  const wanted = stepsOf(end.generation)
  const trail = steps.trailOf(n)
  const told = `was at ${trail.join(' ')} in place of ${wanted.join(' ')}, in ${end.deliveries} deliveries`
  const visited = trail.filter((name, i) => name !== trail[i - 1])
  const faults: Fault[] = []
  if (trail.some(name => !wanted.includes(name))) faults.push(['foreign', told])
  if (wanted.some(name => !trail.includes(name))) faults.push(['skipped', told])
  const repeats = trail.length - new Set(trail).size
  const most = mayRepeat ? end.deliveries - 1 : 0
  if (repeats > most || visited.length > new Set(visited).size) faults.push(['doubled', told])
  if (faults.length === 0 && visited.join() !== wanted.join()) faults.push(['skipped', told])
  return faults
}
