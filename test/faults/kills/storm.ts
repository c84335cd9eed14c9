import { setTimeout as delay } from 'node:timers/promises'
import { audit, type Audit, type Kill } from './accounting.ts'
import { startCallers } from './callers.ts'
import { countedPipeline } from './counted-pipeline.ts'
import { startCountedPlaces } from './counted-places.ts'
import type { FaultOptions } from '../fault-part.ts'
import { createRandom } from './random.ts'
import { drain, readAgain } from './read-ends.ts'
import { Replicas } from './replicas.ts'
import { stores, type StoreName } from './stores.ts'

export interface StormOptions extends FaultOptions {
  readonly store: StoreName
  readonly kills: number
  /** Processes of each gateway, which end with the one that is killed. */
  readonly workers?: number
  /** The callers go on until so many were accepted. */
  readonly leastAccepted: number
}

const maxInFlight = 32
const callsPerSecond = 200
const longestServiceMs = 60
const longestLifeMs = 1_500
/** Longer than a process stands still on a busy machine: a claim that ran out is no kill. */
const leaseMs = 3_000

/** Gateways that are killed at random moments under load, and what became of all that they had accepted. */
export async function runStorm(options: StormOptions): Promise<Audit> {
  const { store: name, workers = 1, kills, seed, leastAccepted, progress } = options
  // Of its own, so that a seed repeats the kills, however many calls there were between them.
  const moments = createRandom(seed)
  const random = createRandom(seed + 1)
  const { open, replicas: count } = stores[name]
  await using counted = await startCountedPlaces(() => random() * longestServiceMs)
  await using store = await open()
  const gateway = { ...countedPipeline(counted, maxInFlight), store: store.url, leaseMs, workers }
  await using replicas = new Replicas(gateway)
  await replicas.start(count)
  const callers = startCallers({ urls: () => replicas.running.map(({ url }) => url), random, rate: callsPerSecond })
  const killed: Kill[] = []
  for (let kill = 1; kill <= kills; kill++) {
    await delay(moments() * longestLifeMs)
    const at = Date.now()
    await replicas.kill(Math.floor(moments() * count))
    await replicas.start()
    killed.push({ at, replacedAt: Date.now() })
    progress(`storm on ${name}: kill ${kill} of ${kills}, ${callers.accepted} accepted`)
  }
  while (callers.accepted < leastAccepted) await delay(100)
  const accounts = await callers.stop()
  progress(`storm on ${name}: waiting for the ends of ${accounts.accepted.size} requests`)
  const ends = await drain(replicas.any, accounts.accepted)
  for (let killed = 0; killed < count; killed++) await replicas.kill(0)
  await replicas.start()
  const later = await readAgain(replicas.any, accounts.accepted)
  return audit({ accounts, counted, kills: killed, maxInFlight: maxInFlight * workers, ends, later })
}
