/** How slow a client may be; times in milliseconds. */
export interface SlownessLimits {
  /** For all headers of a request. */
  readonly headersMs: number
  /** A body of which nothing comes for so long, or less than `bytesPerSecond`, is given up. */
  readonly bodyMs: number
  readonly bytesPerSecond: number
  /** A client that takes nothing of its answer for so long is cut. */
  readonly answerMs: number
  /** Once others need the memory that it takes, so long suffices, of an answer or of a body that is on its way. */
  readonly pressedMs: number
  /** How often all this is looked at. */
  readonly checkMs: number
}

/** Node's own limits wait minutes, and give a body one time for the whole of it. */
export const usualSlowness: SlownessLimits = {
  headersMs: 10_000,
  bodyMs: 30_000,
  bytesPerSecond: 1024,
  answerMs: 60_000,
  pressedMs: 1_000,
  checkMs: 1_000
}
