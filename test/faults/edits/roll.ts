import { setTimeout as delay } from 'node:timers/promises'
import type { Audit } from '../kills/accounting.ts'
import { startCallers } from '../kills/callers.ts'
import { createRandom } from '../kills/random.ts'
import { drain } from '../kills/read-ends.ts'
import { stores, type StoreName } from '../kills/stores.ts'
import type { FaultOptions } from '../fault-part.ts'
import { auditTrails } from './audit-trails.ts'
import { Editions, type Edition } from './editions.ts'
import { startTrailSteps } from './trail-steps.ts'

export interface RollOptions extends Omit<FaultOptions, 'kills'> {
  readonly store: StoreName
  readonly signal: 'SIGKILL' | 'SIGTERM'
  readonly from: Edition
  readonly to: Edition
  /** How long each state is under load: before, between two replicas, and after. */
  readonly ms: number
  /** Requests in a second. */
  readonly rate: number
}

const maxInFlight = 16
const leaseMs = 3_000

/** All replicas of a store are replaced under load, one after the other, and go on with another edition. */
export async function runRoll({ store: name, signal, from, to, ms, rate, seed }: RollOptions): Promise<Audit> {
  const random = createRandom(seed)
  await using steps = await startTrailSteps(() => random() * 60)
  const { open, replicas } = stores[name]
  await using store = await open()
  await using editions = new Editions({ store: store.url, steps, leaseMs, maxInFlight })
  for (let i = 0; i < replicas; i++) await editions.start(from)
  const callers = startCallers({ urls: editions.urls, random, rate })
  await delay(ms)
  for (let i = 0; i < replicas; i++) {
    await editions.end(signal)
    await editions.start(to)
    await delay(ms)
  }
  const accounts = await callers.stop()
  const ends = await drain(editions.latest, accounts.accepted)
  // Another version of the project may have no numbers, or not show them: it runs the same steps.
  const stepsOf = (generation?: number): readonly string[] => (generation === 2 ? to : from).steps
  return auditTrails({ accounts, ends, steps, stepsOf, mayRepeat: true })
}
