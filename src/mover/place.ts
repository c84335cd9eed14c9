/** Where a request in flight stands: claimed and not started, running, or finished and on its way out. */
export type Buffer = 'intake' | 'processing' | 'output'

/** The place of one request in the buffers of its lane. */
export interface Place {
  /** `undefined`: it has left. */
  readonly buffer: Buffer | undefined
  /** From the intake to the processing. */
  start(): void
  /** Resolves once it has got room in the output, at once when it is there. */
  toOutput(): Promise<void>
  /** Gives the place back; twice is harmless. */
  leave(): void
}
