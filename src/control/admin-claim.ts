import { resolve } from 'node:path'
import { defaults } from '../pipeline/defaults.ts'
import type { ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Claim } from './claims.ts'

/** The source that brings what the admin API was given. */
const adminClaimant = 'the admin API'

export const adminClaim = (pipeline: string, definition: WrittenPipeline): Claim => ({
  pipeline,
  of: definition.kind,
  claimant: adminClaimant,
  kind: 'admin',
  definition: parsed(definition),
  baseDir: resolve('.'),
  faults: [],
  away: undefined
})

/** The same object for the same definition, so that it is seen that nothing has changed. */
const parsedDefinitions = new WeakMap<WrittenPipeline, ParsedPipeline>()

function parsed(definition: WrittenPipeline): ParsedPipeline {
  const known = parsedDefinitions.get(definition)
  if (known !== undefined) return known
  const { name, namespace = defaults.namespace } = definition.metadata
  const fresh = { file: adminClaimant, line: 1, column: 1, namespace, name, definition }
  parsedDefinitions.set(definition, fresh)
  return fresh
}
