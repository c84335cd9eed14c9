import { setTimeout as delay } from 'node:timers/promises'
import type { Audit } from '../kills/accounting.ts'
import { startCallers } from '../kills/callers.ts'
import { createRandom } from '../kills/random.ts'
import { drain } from '../kills/read-ends.ts'
import { stores } from '../kills/stores.ts'
import type { FaultOptions } from '../fault-part.ts'
import { auditTrails } from './audit-trails.ts'
import { Editions } from './editions.ts'
import { startTrailSteps } from './trail-steps.ts'

export interface SideBySideOptions extends Omit<FaultOptions, 'kills'> {
  readonly ms: number
  /** Requests in a second. */
  readonly rate: number
}

const files = [
  ['a', 's', 'c'],
  ['new', 'c', 's']
] as const
/** Few, so that what one replica accepts is run by the other as often. */
const maxInFlight = 4
const leaseMs = 10_000

/** Two replicas on Redis with different files, under load: who runs a request goes by the definition of who accepted it. */
export async function runSideBySide({ ms, rate, seed, progress }: SideBySideOptions): Promise<Audit> {
  const random = createRandom(seed)
  await using steps = await startTrailSteps(() => random() * 80)
  await using store = await stores.redis.open()
  await using editions = new Editions({ store: store.url, steps, leaseMs, maxInFlight })
  for (const names of files) await editions.start({ steps: names })
  const callers = startCallers({ urls: editions.urls, random, rate })
  await delay(ms)
  const accounts = await callers.stop()
  progress(`side by side: waiting for the ends of ${accounts.accepted.size} requests`)
  const ends = await drain(editions.latest, accounts.accepted)
  const stepsOf = (generation = 0): readonly string[] => files[generation - 1] ?? []
  return auditTrails({ accounts, ends, steps, stepsOf, mayRepeat: false })
}
