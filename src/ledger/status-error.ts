/** What went wrong, as a status document tells it. */
export interface StatusError {
  readonly code: string
  readonly detail: string
  readonly step?: string
  readonly path?: string
  readonly attempts: number
  readonly upstreamStatus?: number
  readonly upstreamBody?: string
}
