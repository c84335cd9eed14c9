import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import type { KillableGateway } from '../../helpers/killable-gateway.ts'
import { letterOf, openLetters, type ReplayJobDocument } from '../../replay/dead-letter-calls.ts'
import type { Audit } from './accounting.ts'
import type { CountedPlaces } from './counted-places.ts'
import { drain, readAll } from './read-ends.ts'

/** A bulk replay that came to its end, and what it replayed. */
export interface ReplayBooks {
  readonly gateway: KillableGateway
  /** The dead letters, by the numbers of their events. */
  readonly accepted: ReadonlyMap<number, string>
  readonly counted: CountedPlaces
  readonly kills: number
  readonly job: ReplayJobDocument
  readonly seconds: number
}

/** Each dead letter is replayed once and closed; what ran when a gateway was killed is called once more, at most. */
export async function auditReplay({ gateway, accepted, counted, kills, job, seconds }: ReplayBooks): Promise<Audit> {
  const letters = await readAll(accepted, id => letterOf(gateway, id))
  const replays = new Map([...letters].map(([n, { replayedAs = '' }]) => [n, replayedAs]))
  const ends = await drain(gateway, replays)
  const open = await openLetters(gateway)
  const repeated = [...accepted.keys()].map(n => counted.visitsOf('model', n).calls - 2).filter(more => more > 0)
  const broken = [
    ...[...accepted].flatMap(([n, id]) => faultsOf(n, id, ends.get(n), counted, kills)),
    ...(open.length === 0 ? [] : [`${open.length} dead letters are still open`]),
    ...(job.replayed === accepted.size ? [] : [`the job counts ${job.replayed} replayed`])
  ]
  const figures = {
    kills,
    'dead letters': accepted.size,
    seconds,
    'counted by the job': job.replayed,
    replied: [...ends.values()].filter(({ status }) => status === 'replied').length,
    'step calls repeated': repeated.reduce((total, more) => total + more, 0),
    doubles: accepted.size - new Set(replays.values()).size
  }
  return { figures, broken }
}

function faultsOf(
  n: number,
  id: string,
  end: StatusDocument | undefined,
  counted: CountedPlaces,
  kills: number
): string[] {
  if (end === undefined) return [`dead letter ${n} has no replay`]
  const { calls, eventIds } = counted.visitsOf('model', n)
  const checks: [boolean, string][] = [
    [end.replayOf === id, `is replayed by ${end.id}, which replays ${end.replayOf}`],
    [end.status === 'replied', `ended as ${end.status}`],
    [end.deliveries <= 1 + kills, `was delivered ${end.deliveries} times with ${kills} kills`],
    [calls >= 2 && calls <= 1 + end.deliveries, `was called ${calls} times in 1 + ${end.deliveries} deliveries`],
    [eventIds.size === 1, `came with the event ids ${[...eventIds].join(', ')}`]
  ]
  return checks.filter(([kept]) => !kept).map(([, fault]) => `the replay of dead letter ${n} ${fault}`)
}
