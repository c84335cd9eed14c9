import { notFound } from '../flow/admission.ts'
import type { Serving } from '../flow/serving.ts'

/** The generation that serves now: it may have changed while the body came. Throws PIPELINE_NOT_FOUND. */
export function currentOf(
  { plan: { namespace, name, pipeline } }: Serving,
  { find }: { readonly find: (namespace: string, name: string) => Serving | undefined }
): Serving {
  const current = find(namespace, name)
  if (current === undefined) throw notFound(pipeline)
  return current
}
