import { isDeepStrictEqual } from 'node:util'
import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import { endOf, type Accounts } from './callers.ts'
import { places, type CountedPlaces, type End, type Place } from './counted-places.ts'
import type { Ends } from './read-ends.ts'

/** In milliseconds since the epoch. What a gateway had sent to its store can be carried out after its end. */
export interface Kill {
  readonly at: number
  /** When the next gateway served. */
  readonly replacedAt: number
}

/** The books have the promises on one side, and the calls on the other. */
export interface Books {
  readonly accounts: Accounts
  readonly counted: CountedPlaces
  readonly kills: readonly Kill[]
  readonly maxInFlight: number
  /** The status of each accepted request when all have come to their ends. */
  readonly ends: Ends
  /** The same, after everything was killed once more. */
  readonly later: Ends
}

export interface Audit {
  readonly figures: Readonly<Record<string, number>>
  /** Each promise that was not kept, with the event; none: all were. */
  readonly broken: readonly string[]
}

const steps: readonly Place[] = ['filter', 'model']
/** Where an event that ends so has to have been. */
const wayTo: Readonly<Record<End, readonly Place[]>> = {
  replied: ['filter', 'model', 'reply'],
  filtered: ['filter'],
  failed: ['filter', 'model', 'sink']
}

/**
 * Each 202 has one record, which ended as it should and stays so; a call was repeated only because a gateway was killed
 * that ran the request, and with the same event id.
 */
export function audit(books: Books): Audit {
  const { accounts, kills, maxInFlight, ends, counted } = books
  const numbers = [...accounts.accepted.keys()]
  const lost = numbers.filter(n => ends.get(n)?.finishedAt === undefined)
  const inFlightAtKills = sum([...ends.values()], ({ deliveries }) => deliveries - 1)
  const repeatedCalls = sum(numbers, n => repeatsOf(counted, n, steps))
  const most = maxInFlight * kills.length
  const broken = [
    ...lost.map(n => `event ${n} is lost`),
    ...numbers.flatMap(n => faultsOf(n, books).map(fault => `event ${n} ${fault}`)),
    ...(repeatedCalls > most ? [`${repeatedCalls} step calls were repeated, more than ${most}`] : [])
  ]
  const endedAs = (status: End): number => [...ends.values()].filter(end => end.status === status).length
  const figures = {
    kills: kills.length,
    accepted: numbers.length,
    refused: accounts.refused,
    unanswered: accounts.unanswered,
    replied: endedAs('replied'),
    filtered: endedAs('filtered'),
    'dead-lettered': endedAs('failed'),
    lost: lost.length,
    'in flight at the kills': inFlightAtKills,
    'step calls': sum(numbers, n => sum(steps, place => counted.visitsOf(place, n).calls)),
    'of them repeated': repeatedCalls,
    'replies sent again': sum(numbers, n => repeatsOf(counted, n, ['reply'])),
    'dead letters sent again': sum(numbers, n => repeatsOf(counted, n, ['sink']))
  }
  return { figures, broken }
}

function faultsOf(n: number, { accounts, counted, kills, ends, later }: Books): string[] {
  const end = ends.get(n)
  if (end === undefined) return []
  const wanted = endOf(n)
  const [from, to] = [end.acceptedAt, end.finishedAt ?? ''].map(Date.parse)
  const killed = kills.filter(({ at, replacedAt }) => replacedAt >= Number(from) && at <= Number(to)).length
  const checks: [boolean, string][] = [
    [end.id === accounts.accepted.get(n), `has the id ${end.id}`],
    [end.status === wanted, `was to end as ${wanted} and ended as ${end.status}`],
    [end.deliveries - 1 <= killed, `was delivered ${end.deliveries} times, with ${killed} kills in its life`],
    [repeatsOf(counted, n, steps) < end.deliveries, `had more calls repeated than deliveries (${end.deliveries})`],
    [isDeepStrictEqual(end, later.get(n)), `changed after its end: ${JSON.stringify([end, later.get(n)])}`]
  ]
  return [
    ...checks.filter(([kept]) => !kept).map(([, fault]) => fault),
    ...places.flatMap(place => placeFaults(n, place, end, wanted, counted))
  ]
}

function placeFaults(
  n: number,
  place: Place,
  { deliveries }: StatusDocument,
  wanted: End,
  counted: CountedPlaces
): string[] {
  const { calls, eventIds } = counted.visitsOf(place, n)
  const expected = wayTo[wanted].includes(place)
  const checks: [boolean, string][] = [
    [calls > 0 === expected, `was ${calls > 0 ? '' : 'not '}seen at the ${place}`],
    [calls <= deliveries, `came ${calls} times to the ${place} in ${deliveries} deliveries`],
    [eventIds.size <= 1, `came to the ${place} with different event ids: ${[...eventIds].join(', ')}`]
  ]
  return checks.filter(([kept]) => !kept).map(([, fault]) => fault)
}

const repeatsOf = (counted: CountedPlaces, n: number, of: readonly Place[]): number =>
  sum(of, place => Math.max(0, counted.visitsOf(place, n).calls - 1))

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0)
