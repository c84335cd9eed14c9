import { createHash } from 'node:crypto'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'

/** The version of a definition that nobody numbers: a digest of what was written, and commanded. */
export function versionOfText(definition: WrittenPipeline | undefined, command: string | undefined): string {
  const text = JSON.stringify([definition?.metadata, definition?.spec, command])
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
