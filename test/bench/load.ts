/** Callers that POST the same body over and over, each as soon as its last answer has come. */
export interface Load {
  /** Where to; the paths in turn. */
  readonly url: string
  readonly paths: readonly string[]
  readonly connections: number
  readonly seconds: number
  readonly body: string
  /** Beside the content type, which is JSON. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface LoadResult {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers of 400 and above, timeouts and broken connections. */
  readonly errors: number
}

/** Runs a load in a process of its own, and gives what the callers saw. */
export type LoadGenerator = (load: Load) => Promise<LoadResult>
