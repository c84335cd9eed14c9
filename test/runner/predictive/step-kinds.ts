/** Steps of several kinds differ in what their processes take and need. */
export const stepKinds = {
  /** Loads its weights for half a minute. */
  classifier: { concurrency: 4, callSeconds: 1.5, startSeconds: 30 },
  /** A language model: long calls, a long start. */
  language: { concurrency: 8, callSeconds: 6, startSeconds: 90 },
  /** Little to load. */
  script: { concurrency: 2, callSeconds: 1.2, startSeconds: 5 }
} as const
