import type { Answer } from '../http/answer.ts'
import type { StreamedAnswer } from '../http/stream-answer.ts'

/** One thing that the admin plane does. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In Hono's form: `/deadletters/:id`. */
  readonly path: string
  readonly handle: (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>
}

export type AdminAnswer = Answer | StreamedAnswer

export interface AdminRequest {
  /** The decoded segment of the path; empty: the path has none of that name. */
  readonly param: (name: string) => string
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  /**
   * The whole body, to be asked for at once; `undefined`: the caller went away. Rejects with BODY_TOO_LARGE, and
   * OVERLOADED.
   */
  readonly body: () => Promise<Uint8Array | undefined>
  /** Aborts when the caller goes away. */
  readonly gone: () => AbortSignal
}
