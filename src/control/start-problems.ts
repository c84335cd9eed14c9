import { resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import { formatFault, type Fault } from '../pipeline/fault.ts'
import type { ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import { placeOf, type Claim } from './claims.ts'
import type { Controlled } from './controlled.ts'
import type { SourceReadings } from './source-readings.ts'
import type { DefinitionSource } from './definition-source.ts'

/**
 * The reasons why a gateway that does not watch cannot start: faults, and names that are taken, a line each. Throws the cause
 * of a source that cannot be read and of which nothing is kept.
 */
export function startProblems(sources: SourceReadings, entries: readonly Controlled[]): readonly string[] {
  const claims = entries.flatMap(({ halves }) => [...halves.values()].map(({ claim }) => claim))
  for (const [source, { away }] of sources.all) {
    const isKept = claims.some(claim => claim.away !== undefined && isOf(claim, source))
    if (away !== undefined && source.mustBeThere && !isKept)
      throw away instanceof Error ? away : new Error(messageOf(away))
  }
  const faults = [
    ...sources.claims.flatMap(faultsOf),
    ...entries.flatMap(entry => [...faultsOf(entry.joined), ...repetitions(entry)])
  ]
  if (faults.length > 0) return [...new Set(faults)].map(formatFault)
  if (entries.length > 0 || !sources.all.keys().some(({ mustBeThere }) => mustBeThere)) return []
  return [`${sources.shown}: no ServingPipeline in there`]
}

function isOf({ claimant }: Claim, { name }: DefinitionSource): boolean {
  const path = resolve(claimant)
  return path === name || path.startsWith(`${name}/`)
}

/** A definition before it serves on where the faulty one does not. */
const faultsOf = ({ definition, faults }: Pick<Claim, 'definition' | 'faults'>): readonly Fault[] =>
  definition === undefined ? faults : []

/** Files that define a pipeline once more. */
const repetitions = ({ pipeline, halves }: Controlled): Fault[] =>
  [...halves.values()].flatMap(({ claim, rivals }) =>
    rivals.flatMap(({ kind, definition }) =>
      kind === 'file' && definition !== undefined ? [repetition(pipeline, definition, placeOf(claim))] : []
    )
  )

function repetition(pipeline: string, parsed: ParsedPipeline, first: string): Fault {
  const { file, line, column, definition } = parsed
  const { kind } = definition
  const message = `${pipeline} is defined in ${first} already`
  return { file, line, column, path: 'metadata.name', pipeline, kind, code: 'DUPLICATE', message, hint: undefined }
}
