import { isDeepStrictEqual } from 'node:util'
import { defaults } from './defaults.ts'
import type { Fault } from './fault.ts'
import { pipelineKey, type ParsedPipeline, type WholePipeline } from './parsed-pipeline.ts'
import { rebased } from './rebased.ts'
import { namesOfSinks } from './spec/pipeline-spec.ts'
import type { DefinitionKind, ServingPipeline, WrittenPipeline } from './spec/serving-pipeline.ts'
import { filledSpec, takenFields, takenPaths, type TakenFields } from './taken-fields.ts'
import { pathText, type Path } from './validate/finding.ts'

/** A definition, and the folder that relative paths in it start from. */
export interface Written {
  readonly parsed: ParsedPipeline
  readonly baseDir: string
}

/** The fields that a definition took from the one of the other kind. */
export interface Taken {
  readonly fields: TakenFields
  readonly baseDir: string
}

/** By the kind that has taken them. */
export type TakenByKind = Readonly<Partial<Record<DefinitionKind, Taken>>>

/** The definitions of one name. */
export interface Definitions {
  readonly serving: Written | undefined
  readonly sourced: Written | undefined
  /** The fields that were taken last: they stay when the definition is gone that they are from. */
  readonly last: TakenByKind
}

/** The pipeline that the definitions of one name make. */
export interface OnePipeline {
  /** `undefined`: they do not fit together, or none of them has steps. */
  readonly whole: WholePipeline | undefined
  readonly baseDir: string
  /** Of the two together; each has none of its own. */
  readonly faults: readonly Fault[]
  /** The fields that the ServingPipeline took, or those that were kept for the one that is left. */
  readonly taken: readonly string[]
  /** The kind that they were taken from, which is not there any more. */
  readonly gone: DefinitionKind | undefined
  /** To be passed as `last` the next time. */
  readonly keeps: TakenByKind
}

/**
 * Makes one pipeline of a ServingPipeline and a Pipeline of one name: the spec of the former wins, the latter fills it up
 * and brings sources and sinks. `undefined`: there is neither.
 */
export function onePipeline({ serving, sourced, last }: Definitions): OnePipeline | undefined {
  const own = serving ?? sourced
  if (own === undefined) return undefined
  const { kind, spec } = own.parsed.definition
  const other = serving === undefined ? undefined : sourced
  const lender = other === undefined ? last[kind] : lentBy(other)
  const fields = lender === undefined ? {} : takenFields(spec, lender.fields)
  const taken = takenPaths(fields)
  const faults = faultsOf({ serving, sourced, last }, spec.steps ?? fields.steps)
  return {
    whole: faults.length > 0 ? undefined : wholeOf(own, other, fields, lender),
    baseDir: fields.steps === undefined ? own.baseDir : (lender?.baseDir ?? own.baseDir),
    faults,
    taken,
    gone: taken.length > 0 && other === undefined ? otherKind(kind) : undefined,
    keeps: keptOf({ serving, sourced, last }, { fields, baseDir: lender?.baseDir ?? own.baseDir })
  }
}

export const otherKind = (kind: DefinitionKind): DefinitionKind =>
  kind === 'Pipeline' ? 'ServingPipeline' : 'Pipeline'

function lentBy({ parsed, baseDir }: Written): Taken {
  const { steps, delivery, limits } = parsed.definition.spec
  return { fields: { ...(steps && { steps }), ...(delivery && { delivery }), ...(limits && { limits }) }, baseDir }
}

/** Paths in what was taken start from its own folder, wherever the rest comes from. */
function wholeOf(
  own: Written,
  other: Written | undefined,
  fields: TakenFields,
  lender: Taken | undefined
): WholePipeline {
  const { parsed, baseDir } = own
  const { steps, ...rest } = fields
  const from = lender?.baseDir ?? baseDir
  const to = steps === undefined ? baseDir : from
  const written = rebased(parsed.definition.spec, baseDir, to)
  const filled = filledSpec(written, { ...(steps && { steps }), ...rebased(rest, from, to) })
  const { sources, sinks } = other === undefined ? {} : rebased(other.parsed.definition.spec, other.baseDir, to)
  const spec = other === undefined ? filled : { ...filled, ...(sources && { sources }), ...(sinks && { sinks }) }
  if (other === undefined && takenPaths(fields).length === 0) return withSteps(parsed, parsed.definition.spec)
  const whole = withSteps(parsed, spec)
  if (steps === undefined || other === undefined) return whole
  const { file, line, column } = other.parsed
  return { ...whole, stepsOf: { file, line, column } }
}

/** It was looked whether there are steps. The same object where nothing was taken, so that it is seen that nothing has changed. */
function withSteps(parsed: ParsedPipeline, spec: WrittenPipeline['spec']): WholePipeline {
  const { steps } = spec
  if (steps === undefined) throw new TypeError(`${pipelineKey(parsed)} has no steps`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has steps
  if (spec === parsed.definition.spec) return parsed as WholePipeline
  const definition: ServingPipeline = { ...parsed.definition, spec: { ...spec, steps } }
  return { ...parsed, definition }
}

function faultsOf({ serving, sourced }: Definitions, steps: unknown): readonly Fault[] {
  const all = [serving, sourced].filter(each => each !== undefined)
  if (steps === undefined) return all.map(({ parsed }) => faultAt(parsed, ['spec', 'steps'], 'MISSING', 'is required'))
  if (serving === undefined || sourced?.parsed.definition.spec.sinks === undefined) return []
  return namesOfSinks(serving.parsed.definition.spec.steps).map(path =>
    faultAt(
      serving.parsed,
      ['spec', ...path],
      'INVALID',
      "must not be 'sinks', which the sinks of the Pipeline are called"
    )
  )
}

function faultAt(parsed: ParsedPipeline, path: Path, code: Fault['code'], message: string): Fault {
  const { file, line, column, definition, places = {} } = parsed
  const at = places[pathText(path)] ?? { line, column }
  const pipeline = pipelineKey(parsed)
  return { file, ...at, path: pathText(path), pipeline, kind: definition.kind, code, message, hint: undefined }
}

/** For a person: where the fields are from that a definition does not have itself. */
export const goneText = ({ taken, gone = 'Pipeline' }: Pick<OnePipeline, 'taken' | 'gone'>): string =>
  `the ${gone} of this name is gone; its last known good ${taken.join(', ')} ${taken.length === 1 ? 'serves' : 'serve'} on: write ${taken.length === 1 ? 'it' : 'them'} here, or bring it back`

/** The fields of a Pipeline that do not count beside a ServingPipeline. */
export const unusedFields = (spec: WrittenPipeline['spec']): readonly string[] =>
  Object.entries(spec).flatMap(([field, value]) =>
    counting.has(field) || isDeepStrictEqual(value, usual[field]) ? [] : [field]
  )

const counting: ReadonlySet<string> = new Set(['steps', 'delivery', 'limits', 'sources', 'sinks'])
/** As Kubernetes fills them in. */
const usual: Readonly<Record<string, unknown>> = {
  requests: defaults.requests,
  errors: defaults.errors,
  lifecycle: { desiredPhase: 'Running', pauseGracePeriodSeconds: defaults.pauseGracePeriodSeconds },
  ordering: 'none',
  scale: { min: 0 }
}

/** The fields that each has taken are kept for the time when the other one is gone. */
function keptOf({ serving, sourced, last }: Definitions, taken: Taken): TakenByKind {
  const isTaken = takenPaths(taken.fields).length > 0
  const own = serving === undefined ? last.Pipeline : sourced === undefined ? last.ServingPipeline : undefined
  // The same object while it is the same, so that it is seen that nothing has changed.
  const kept = own !== undefined && isDeepStrictEqual(own.fields, taken.fields) ? own : taken
  if (serving === undefined) return isTaken ? { Pipeline: kept } : {}
  const { steps } = serving.parsed.definition.spec
  const lends = sourced !== undefined && sourced.parsed.definition.spec.steps === undefined && steps !== undefined
  return {
    ...(isTaken && { ServingPipeline: kept }),
    ...(lends && { Pipeline: { fields: { steps }, baseDir: serving.baseDir } })
  }
}
