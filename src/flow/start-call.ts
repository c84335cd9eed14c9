import type { Call } from '../delivery/deliver.ts'
import type { Request } from './request.ts'

/** One delivery for a request; `attempts` were made for its step before. */
export const startCall = ({ id, signal, deadline, headers, span }: Request, attempts = 0): Call => ({
  requestId: id,
  signal,
  deadline,
  headers,
  span,
  attempts: { count: attempts }
})
