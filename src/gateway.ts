import type { GatewayConfig } from './config.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
}

export async function startGateway(_config: GatewayConfig): Promise<Gateway> {
  throw new Error('not yet')
}
