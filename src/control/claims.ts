import { dirname, resolve } from 'node:path'
import type { Fault } from '../pipeline/fault.ts'
import { definitionKey, pipelineKey, readDefinitionKey, type ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import type { ReadFile } from './definition-source.ts'

/** Somebody brings a definition of a kind and a name. */
export interface Claim {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly of: DefinitionKind
  /** The source that brings it: the path of a file, or the admin API. */
  readonly claimant: string
  readonly kind: 'file' | 'admin'
  /** The definition to serve: the last good one; `undefined`: there was none. */
  readonly definition: ParsedPipeline | undefined
  /** The folder that relative paths in it start from. */
  readonly baseDir: string
  /** Of the definition that was looked at last, which is not served then. */
  readonly faults: readonly Fault[]
  /** The source is away, and this is why; `undefined`: it is there. */
  readonly away: string | undefined
}

/** Whose definition of a name is served, and who else brings one. */
export interface Award {
  readonly winner: Claim
  readonly rivals: readonly Claim[]
}

/** The pipeline of faults that name none. */
export const nameless = ''

/** The good definitions that a file brought last, by their keys. */
export type LastGood = ReadonlyMap<string, ParsedPipeline>

/** The definitions of a file, given those that it brought last: a faulty one keeps the names that it has no better word for. */
export function claimsOf({ file, pipelines, faults }: ReadFile, last: LastGood): Claim[] {
  const baseDir = dirname(resolve(file))
  const claim = { claimant: file, kind: 'file', baseDir, away: undefined } as const
  const claims: Claim[] = pipelines.map(definition => ({
    ...claim,
    pipeline: pipelineKey(definition),
    of: definition.definition.kind,
    definition,
    faults: []
  }))
  const told = faults.length > 0 || pipelines.length > 0 ? faults : [empty(file)]
  if (told.length === 0) return claims
  const good = new Set(claims.map(keyOfClaim))
  const named = told.flatMap(fault => keyOfFault(fault) ?? [])
  for (const key of new Set([...named, ...last.keys()])) {
    if (good.has(key)) continue
    const own = told.filter(fault => keyOfFault(fault) === key)
    const { kind, pipeline } = readDefinitionKey(key)
    claims.push({
      ...claim,
      pipeline,
      of: kind,
      definition: last.get(key),
      faults: own.length > 0 ? own : told.filter(fault => fault.pipeline === undefined)
    })
  }
  const isAnonymous = claims.length === 0 && faults.length > 0
  if (!isAnonymous) return claims
  return [{ ...claim, pipeline: nameless, of: 'ServingPipeline', definition: undefined, faults }]
}

export const keyOfClaim = ({ of, pipeline }: Pick<Claim, 'of' | 'pipeline'>): string => definitionKey(of, pipeline)

const keyOfFault = ({ pipeline, kind = 'ServingPipeline' }: Fault): string | undefined =>
  pipeline === undefined ? undefined : definitionKey(kind, pipeline)

/** The good definitions of a file now, with those that stay. */
export const lastGoodOf = (claims: readonly Claim[]): LastGood =>
  new Map(
    claims.flatMap((claim): [string, ParsedPipeline][] =>
      claim.definition === undefined ? [] : [[keyOfClaim(claim), claim.definition]]
    )
  )

/**
 * One name of a kind belongs to one claimant: to the one that has it, and else to the first, a good definition before a
 * faulty one. Claims come in the order of their sources. By the keys of the definitions.
 */
export function award(claims: readonly Claim[], holderOf: (key: string) => string | undefined): Map<string, Award> {
  const awards = new Map<string, Award>()
  const named = claims.filter(({ pipeline }) => pipeline !== nameless)
  for (const [key, rivals] of Map.groupBy(named, keyOfClaim)) {
    const holder = holderOf(key)
    const good = rivals.filter(({ definition }) => definition !== undefined)
    const winner = good.find(({ claimant }) => claimant === holder) ?? good[0] ?? rivals[0]
    if (winner === undefined) continue
    awards.set(key, { winner, rivals: rivals.filter(each => each !== winner) })
  }
  return awards
}

/** Whether the claims say the same, so that nothing is to be done. */
export const sameClaims = (a: readonly Claim[], b: readonly Claim[]): boolean =>
  a.length === b.length && a.every((claim, i) => b[i] !== undefined && sameClaim(claim, b[i]))

export const sameClaim = (a: Claim, b: Claim): boolean =>
  a.pipeline === b.pipeline &&
  a.of === b.of &&
  a.claimant === b.claimant &&
  a.definition === b.definition &&
  a.away === b.away &&
  a.faults.length === b.faults.length &&
  a.faults.every((fault, i) => fault === b.faults[i])

/** For a person: `pipelines/a.yaml:4`. */
export const placeOf = ({ claimant, definition, kind }: Claim): string =>
  kind === 'admin' || definition === undefined ? claimant : `${claimant}:${definition.line}`

const empty = (file: string): Fault => ({
  file,
  line: 1,
  column: 1,
  path: '',
  pipeline: undefined,
  code: 'MISSING',
  message: 'no ServingPipeline in there',
  hint: undefined
})
