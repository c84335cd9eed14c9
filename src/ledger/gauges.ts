/** How much the store holds. */
export interface Gauges {
  /** Every pipeline that ever had a request accepted here. */
  pipelines(): Promise<readonly string[]>

  /** How much is waiting, for metrics and the watermark. */
  pending(pipeline: string): Promise<Pending>
}

export interface Pending {
  /** Ready, delayed or blocked. */
  readonly queued: number
  readonly claimed: number
  /** Acceptance of the oldest unsettled one. */
  readonly oldestAcceptedAt: number | undefined
  /** The least event time of those that are not settled. */
  readonly leastEventTime: number | undefined
}
