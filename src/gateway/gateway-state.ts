import type { HealthCheck } from '../admin/health.ts'

/** How far the gateway is in its life. */
export interface GatewayState {
  started: boolean
  closing: boolean
}

/** The checks of it that `/readyz` reports. */
export const stateChecks = (state: Readonly<GatewayState>): readonly HealthCheck[] => [
  { name: 'started', fault: () => (state.started ? undefined : 'local step processes are starting') },
  { name: 'serving', fault: () => (state.closing ? 'the gateway is shutting down' : undefined) }
]
