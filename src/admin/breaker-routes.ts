import { jsonAnswer } from '../http/answer.ts'
import type { AdminRoute } from './admin-route.ts'

export interface BreakerRouteDeps {
  readonly breakers: () => Listed | Promise<Listed>
}

/** `worker`: whose breaker it is, where there are several. */
type Listed = Iterable<{ readonly worker?: number; readonly destination: string; readonly state: string }>

/** `GET /breakers`: the circuit breakers in use on this replica. */
export const breakerRoutes = ({ breakers }: BreakerRouteDeps): readonly AdminRoute[] => [
  {
    method: 'GET',
    path: '/breakers',
    handle: async () => jsonAnswer(200, { items: [...(await breakers())], next: null })
  }
]
