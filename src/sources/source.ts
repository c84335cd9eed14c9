import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'

/** Where a pipeline reads by itself. */
export interface Source {
  /**
   * Reads until the signal aborts, and resolves then; whatever goes wrong before is told to the log and tried again. An
   * entry is taken away from where it was only when the intake has it.
   */
  run(intake: EntryIntake, signal: AbortSignal): Promise<void>
}

/** Takes what a source has read. */
export interface EntryIntake {
  /**
   * Resolves when all entries are accepted durably, each once however often it comes; waits where the queue is full.
   * False: the signal ended the wait, and some of them are not.
   */
  accept(entries: readonly Entry[], signal: AbortSignal): Promise<boolean>
}

export type Entry =
  | { readonly kind: 'event'; readonly event: CloudEvent }
  /** It cannot be an event; `event` stands for it. */
  | { readonly kind: 'poison'; readonly event: CloudEvent; readonly reason: SluiceError }

/** The place of a source among the sources of all pipelines. */
export interface SourcePlace {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly name: string
  /** `/{namespace}/{pipeline}/{name}`: the source of its events. */
  readonly source: string
  /** Of the data of an event. */
  readonly maxBytes: number
}
