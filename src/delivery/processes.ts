/** The local processes of steps, as those who call them see them. */
export interface Processes {
  /** A place in a process of the step, if one is free and nobody waits for it; it is to be given back. */
  take(key: string): Place | undefined
  /** Waits in order for a place; `settle` is called once, unless what this answers is called before. */
  wait(key: string, settle: (entered: Entered) => void): () => void
  /** Where one of the processes listens; `undefined`: none is ready. */
  urlOf(key: string): string | undefined
}

export type Entered = Place | NoPlace

/** The right to make one call of a process. */
export interface Place {
  readonly kind: 'place'
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** Gives it back. */
  leave(): void
  /** Whether the process has ended, or does so at once. */
  lost(): Promise<boolean>
}

export type NoPlace =
  /** The start that was waited for failed. The reason follows "its process"; another start comes in `retryAfterMs`. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs: number }
  /** The step has no processes here, or not now. */
  | { readonly kind: 'unavailable'; readonly reason: string }
