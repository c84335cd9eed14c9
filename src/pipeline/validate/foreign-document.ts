import { found } from '../spec/found.ts'
import type { Finding } from './finding.ts'
import { nearest } from './nearest.ts'
import { valueAt } from './value-at.ts'

/**
 * The one fault of a document that is another resource altogether, so that its fields are not judged as ours;
 * `undefined`: it is ours, or nearly.
 */
export function foreignDocument(document: unknown): Finding | undefined {
  const kind = valueAt(document, ['kind'])
  const apiVersion = valueAt(document, ['apiVersion'])
  if (typeof kind === 'string' && nearest(kind, ['ServingPipeline', 'Pipeline']) === undefined) {
    return foreign(
      'kind',
      `must be ServingPipeline, found ${found(kind)}`,
      kind === 'Sequence' ? sequenceHint : undefined
    )
  }
  if (
    typeof apiVersion === 'string' &&
    !apiVersion.startsWith('sluice.dev/') &&
    nearest(apiVersion, ['sluice.dev/v1alpha1']) === undefined
  ) {
    return foreign('apiVersion', `must be sluice.dev/v1alpha1, found ${found(apiVersion)}`, undefined)
  }
  return undefined
}

const sequenceHint =
  "write 'kind: ServingPipeline' and 'apiVersion: sluice.dev/v1alpha1', and keep the spec of the Sequence as it is"

const foreign = (field: string, message: string, hint: string | undefined): Finding => ({
  path: [field],
  at: 'value',
  code: 'INVALID',
  message,
  hint
})
