import type { DefinitionKind, WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import { sameClaim, sameClaims, type Award, type Claim } from './claims.ts'
import type { Command, KeptDefinition, Lifecycle } from './kept-definitions.ts'
import { lifecycleText } from './lifecycle-text.ts'
import { versionOfText } from './version-of-text.ts'

/** The definition of one kind that a pipeline has: it may have one of each, or one alone. */
export interface Half {
  readonly claim: Claim
  readonly rivals: readonly Claim[]
  /** The definition that the admin API was given; `undefined`: it is from a file. */
  readonly kept: KeptDefinition | undefined
  readonly command: Command | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export type Halves = ReadonlyMap<DefinitionKind, Half>

/** Commands and kept definitions by the keys of definitions. */
export interface KeptHalves {
  readonly definitions: ReadonlyMap<string, KeptDefinition>
  readonly commands: ReadonlyMap<string, Command>
}

/** The half that has won its name; `before`: as it was. */
export function halfOf(
  key: string,
  { winner, rivals }: Award,
  { definitions, commands }: KeptHalves,
  before: Half | undefined
): Half {
  const kept = winner.kind === 'admin' ? definitions.get(key) : undefined
  const command = winner.kind === 'admin' ? undefined : commands.get(key)
  return { claim: winner, rivals, kept, command, createdAt: kept?.createdAt ?? before?.createdAt ?? Date.now() }
}

/** Whether nothing of it has changed. */
export const sameHalf = (a: Half, b: Half): boolean =>
  sameClaim(a.claim, b.claim) &&
  a.kept?.version === b.kept?.version &&
  a.command?.id === b.command?.id &&
  sameClaims(a.rivals, b.rivals)

/** A command holds until the file's own lifecycle is another than it was then. */
export const isCommanded = ({ command, claim }: Half): boolean =>
  command?.over === lifecycleText(claim.definition?.definition)

export function lifecycleIn(half: Half): Lifecycle {
  const { command, claim } = half
  const own = claim.definition?.definition.spec.lifecycle ?? {}
  return isCommanded(half) && command !== undefined ? command.lifecycle : own
}

/** As it was written, with what was commanded since. */
export function writtenIn(half: Half): WrittenPipeline | undefined {
  const definition = half.claim.definition?.definition
  if (definition === undefined || !isCommanded(half)) return definition
  return { ...definition, spec: { ...definition.spec, lifecycle: lifecycleIn(half) } }
}

/** Another one for each change of what a person wrote or commanded. */
export function versionOf(half: Half): string {
  if (half.kept !== undefined) return String(half.kept.version)
  return versionOfText(writtenIn(half), isCommanded(half) ? half.command?.id : undefined)
}
