import type { Fault } from '../pipeline/fault.ts'
import type { ParsedPipeline } from '../pipeline/parsed-pipeline.ts'

/** A place that definitions come from. */
export interface DefinitionSource extends Disposable {
  /** By which its last known good set is kept: the absolute path of a FILE or folder. */
  readonly name: string
  /** As a person wrote it. */
  readonly shown: string
  /** A gateway does not start without it, unless its last known good set is kept. */
  readonly mustBeThere: boolean
  /** All that it has now. Does not throw. */
  read(): Promise<SourceReading>
  /**
   * Calls back whenever it may have changed, until it is disposed. Tells why it can only look from time to time, if it is so.
   */
  watch(onChange: () => void, tell: (reason: string) => void): void
}

export type SourceReading =
  | { readonly kind: 'read'; readonly files: readonly ReadFile[] }
  /** It is absent, unreadable or unreachable: what was known of it stays. */
  | { readonly kind: 'away'; readonly cause: unknown }

/** The contents of a file. */
export interface ReadFile {
  readonly file: string
  /** In the order in which they stand there; a name may stand there twice. */
  readonly pipelines: readonly ParsedPipeline[]
  readonly faults: readonly Fault[]
}
