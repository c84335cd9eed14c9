/** Tells that nobody waits any more. An `AbortSignal` is one; what every request has costs less to listen to. */
export interface EndSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}
