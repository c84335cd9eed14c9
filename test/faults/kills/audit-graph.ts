import { isDeepStrictEqual } from 'node:util'
import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import type { Audit } from './accounting.ts'
import { endOf } from './callers.ts'
import { endedBefore, graphSteps, type CountedGraph, type GraphCall, type GraphStep } from './counted-graph.ts'
import type { End } from './counted-places.ts'
import type { Ends } from './read-ends.ts'

export interface GraphBooks {
  /** The request id of each 202, by the number of the event. */
  readonly accepted: ReadonlyMap<number, string>
  readonly counted: CountedGraph
  readonly kills: number
  /** When all had come to their ends, and after everything was killed once more. */
  readonly ends: Ends
  readonly later: Ends
  /** How many calls there were of each event when its request had failed. */
  readonly callsBefore: ReadonlyMap<number, number>
  /** The ends of the replays, by the numbers of the events that had failed. */
  readonly replays: Ends
}

const wayTo: Readonly<Record<End, readonly GraphStep[]>> = {
  replied: graphSteps,
  filtered: ['x'],
  failed: graphSteps
}

/** Each 202 has one outcome, nothing that had ended was called again, not even by a replay, and nothing is lost. */
export function auditGraph(books: GraphBooks): Audit {
  const { accepted, counted, ends, kills, replays } = books
  const numbers = [...accepted.keys()]
  const broken = numbers.flatMap(n => faultsOf(n, books).map(fault => `event ${n} ${fault}`))
  const calls = numbers.map(n => counted.callsOf(n))
  const repeats = calls.map(all => all.length - new Set(all.map(({ step }) => step)).size)
  const endedAs = (status: End): number => [...ends.values()].filter(end => end.status === status).length
  const figures = {
    kills,
    accepted: numbers.length,
    replied: endedAs('replied'),
    filtered: endedAs('filtered'),
    'dead-lettered': endedAs('failed'),
    'replayed from the failed branch': [...replays.values()].filter(({ status }) => status === 'replied').length,
    lost: numbers.filter(n => ends.get(n)?.finishedAt === undefined).length,
    'in flight at the kills': sum([...ends.values()].map(({ deliveries }) => deliveries - 1)),
    'step calls': sum(calls.map(({ length }) => length)),
    'of them repeated': sum(repeats)
  }
  return { figures, broken }
}

function faultsOf(n: number, { counted, ends, later, replays, callsBefore }: GraphBooks): string[] {
  const end = ends.get(n)
  if (end?.finishedAt === undefined) return ['is lost']
  const wanted = endOf(n)
  const calls = counted.callsOf(n)
  const steps = new Set(calls.map(({ step }) => step))
  const missing = wayTo[wanted].filter(step => !steps.has(step))
  const checks: [boolean, string][] = [
    [end.status === wanted, `was to end as ${wanted} and ended as ${end.status}`],
    [isDeepStrictEqual(end, later.get(n)), `changed after its end: ${JSON.stringify([end, later.get(n)])}`],
    [missing.length === 0, `did not come to ${missing.join(', ')}`],
    [wanted !== 'filtered' || steps.size === 1, 'went on behind the step that filtered it']
  ]
  const replay = wanted === 'failed' ? replayFaults(calls.slice(callsBefore.get(n)), replays.get(n)) : []
  const deliveries = end.deliveries + (replays.get(n)?.deliveries ?? 0)
  const told = checks.filter(([kept]) => !kept).map(([, fault]) => fault)
  return [...told, ...replay, ...calledAgain(calls), ...graphSteps.flatMap(step => stepFaults(step, calls, deliveries))]
}

/** A step that is called after one behind it had ended before. */
const calledAgain = (calls: readonly GraphCall[]): string[] =>
  calls.flatMap(({ step }, i) => {
    const behind = calls.slice(0, i).find(earlier => endedBefore[earlier.step].includes(step))
    return behind === undefined ? [] : [`came to ${step} again, after ${behind.step}`]
  })

function stepFaults(step: GraphStep, calls: readonly GraphCall[], deliveries: number): string[] {
  const own = calls.filter(call => call.step === step)
  const ids = new Set(own.map(({ eventId }) => eventId))
  const bodies = new Set(own.map(({ body }) => body))
  const checks: [boolean, string][] = [
    [own.length <= deliveries, `came ${own.length} times to ${step} in ${deliveries} deliveries`],
    [ids.size <= 1, `came to ${step} with the event ids ${[...ids].join(', ')}`],
    [bodies.size <= 1, `came to ${step} with different data`]
  ]
  return checks.filter(([kept]) => !kept).map(([, fault]) => fault)
}

/** Only the branch that failed, and what is behind the join, is called. */
function replayFaults(calls: readonly GraphCall[], end: StatusDocument | undefined): string[] {
  const wrong = calls.filter(({ step }) => step !== 'd' && step !== 'z').map(({ step }) => step)
  return [
    ...(end?.status === 'replied' ? [] : [`has a replay that ended as ${end?.status}`]),
    ...(wrong.length === 0 ? [] : [`was replayed through ${wrong.join(', ')}`])
  ]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
