import { jsonAnswer } from '../http/answer.ts'
import type { AdminRoute } from './admin-route.ts'

export interface BreakerRouteDeps {
  readonly breakers: () => Iterable<{ readonly origin: string; readonly state: string }>
}

/** `GET /breakers`: the circuit breakers in use on this replica. */
export const breakerRoutes = ({ breakers }: BreakerRouteDeps): readonly AdminRoute[] => [
  {
    method: 'GET',
    path: '/breakers',
    handle: () =>
      jsonAnswer(200, { items: Array.from(breakers(), ({ origin, state }) => ({ origin, state })), next: null })
  }
]
