/** The local processes of a step (`run`). Two steps with equal specs have processes of their own. */
export interface ProcessSpec {
  /**
   * Its identity: a changed command is another process, so that both can run side by side; the scaling is not part of
   * it.
   */
  readonly key: string
  /** `namespace/pipeline/step`: its name in logs and metrics. */
  readonly step: string
  readonly command: readonly string[]
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** GET this path until it answers 2xx; `undefined`: until the port accepts a connection. */
  readonly readinessPath: string | undefined
  readonly readinessTimeoutMs: number
  readonly scaling: Scaling
}

/** How many processes a step has. */
export interface Scaling {
  readonly min: number
  readonly max: number
  /** The calls of one process that scaling aims at. */
  readonly target: number
  /** The calls of one process, at most; Infinity: there is no limit. */
  readonly concurrency: number
  /** A process that was not needed for so long is stopped. */
  readonly idleMs: number
  /** Other bounds at times; none: these hold always. */
  readonly schedule: readonly ScheduledBounds[]
  /** Processes are started ahead of a load that repeats. */
  readonly predictive: boolean
}

/** Bounds that hold from a time to the next time of any entry. */
export interface ScheduledBounds {
  readonly cron: string
  readonly timezone: string
  readonly min: number
  readonly max: number
}
