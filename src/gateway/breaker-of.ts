import type { BreakerOf } from '../control/step-status.ts'
import { destinationName } from '../delivery/destination-name.ts'
import type { Servers } from './servers.ts'

/** Of several processes, or of several settings, the breaker that lets least through counts. */
const worst = ['closed', 'halfOpen', 'open']

/** The breakers as they are now, by destination; one that nobody has called through is closed. */
export async function breakersNow({ breakers }: Pick<Servers, 'breakers'>): Promise<BreakerOf> {
  const states = new Map<string, string>()
  for (const { destination, state } of await breakers()) {
    const known = states.get(destination) ?? 'closed'
    states.set(destination, worst.indexOf(state) > worst.indexOf(known) ? state : known)
  }
  return destination => states.get(destinationName(destination)) ?? 'closed'
}
