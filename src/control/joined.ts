import type { Fault } from '../pipeline/fault.ts'
import { onePipeline, type OnePipeline, type TakenByKind, type Written } from '../pipeline/one-pipeline.ts'
import type { WholePipeline } from '../pipeline/parsed-pipeline.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import type { Claim } from './claims.ts'

/** The claims on the two definitions that a pipeline may have. */
export type Winners = ReadonlyMap<DefinitionKind, Claim>

/** The pipeline that all definitions of one name make. */
export interface Joined {
  /** The definition to serve; `undefined`: there is no good one. */
  readonly definition: WholePipeline | undefined
  readonly baseDir: string
  /** Of definitions that were looked at last, which are not served then. */
  readonly faults: readonly Fault[]
  /** A source is away, and this is why; `undefined`: all are there. */
  readonly away: string | undefined
  /** `undefined`: no definition is good by itself. */
  readonly one: OnePipeline | undefined
  /** The parts that it was made of. */
  readonly of: { readonly winners: Winners; readonly last: TakenByKind }
}

/** Makes one pipeline of the definitions; `before`: what it was, which stays where they do not fit together. */
export function joined(winners: Winners, last: TakenByKind, before: Joined | undefined): Joined {
  const one = isAsBefore(winners, last, before) ? before?.one : joinedNow(winners, last)
  const claims = [...winners.values()]
  const isWhole = one?.whole !== undefined
  return {
    definition: isWhole ? one.whole : stays(before?.definition, winners),
    baseDir: (isWhole ? one.baseDir : before?.baseDir) ?? claims[0]?.baseDir ?? '',
    faults: [...claims.flatMap(({ faults }) => faults), ...(one?.faults ?? [])],
    away: claims.find(({ away }) => away !== undefined)?.away,
    one,
    of: { winners, last }
  }
}

/** A definition that nobody brings any more is not served on. */
const stays = (definition: WholePipeline | undefined, winners: Winners): WholePipeline | undefined =>
  definition !== undefined && winners.has(definition.definition.kind) ? definition : undefined

/** The same definition from the same folder is the same object, so that nothing is compiled again. */
export const sameJoined = (a: Joined, b: Joined): boolean =>
  a.definition === b.definition &&
  a.baseDir === b.baseDir &&
  a.away === b.away &&
  a.one?.gone === b.one?.gone &&
  a.faults.length === b.faults.length &&
  a.faults.every((fault, i) => fault === b.faults[i])

function joinedNow(winners: Winners, last: TakenByKind): OnePipeline | undefined {
  const writtenOf = (kind: DefinitionKind): Written | undefined => {
    const { definition, baseDir = '' } = winners.get(kind) ?? {}
    return definition && { parsed: definition, baseDir }
  }
  return onePipeline({ serving: writtenOf('ServingPipeline'), sourced: writtenOf('Pipeline'), last })
}

const kinds: readonly DefinitionKind[] = ['ServingPipeline', 'Pipeline']

function isAsBefore(winners: Winners, last: TakenByKind, before: Joined | undefined): boolean {
  if (before === undefined) return false
  const { of } = before
  return kinds.every(kind => {
    const [now, then] = [winners.get(kind), of.winners.get(kind)]
    return now?.definition === then?.definition && now?.baseDir === then?.baseDir && last[kind] === of.last[kind]
  })
}
