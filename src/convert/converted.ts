import type { Document } from 'yaml'

/** A part of a definition that the other kind cannot express. */
export interface NotCarried {
  /** `namespace/name` of the pipeline. */
  readonly pipeline: string
  /** Where it stands in the definition, such as `spec.sources[0]`. */
  readonly path: string
  readonly reason: string
}

export interface Converted {
  /** In the order in which they stood, with their comments. */
  readonly documents: readonly Document[]
  readonly notCarried: readonly NotCarried[]
}

/** Makes a definition one of another kind in place, and tells of each part that has to go. */
export type Conversion = (document: Document, leave: (path: string, reason: string) => void) => void
