import type { Answer } from '../http/answer.ts'

/** One thing that the admin plane does. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** In Hono's form: `/deadletters/:id`. */
  readonly path: string
  readonly handle: (request: AdminRequest) => Answer | Promise<Answer>
}

export interface AdminRequest {
  /** The decoded segment of the path; empty: the path has none of that name. */
  readonly param: (name: string) => string
  readonly query: URLSearchParams
}
