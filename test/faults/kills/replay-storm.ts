import { setTimeout as delay } from 'node:timers/promises'
import { submitBatch } from '../../helpers/submit.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { beginReplay, jobOf } from '../../replay/dead-letter-calls.ts'
import type { Audit } from './accounting.ts'
import { auditReplay } from './audit-replay.ts'
import { countedPipeline } from './counted-pipeline.ts'
import { startCountedPlaces, type Numbered } from './counted-places.ts'
import type { FaultOptions } from '../fault-part.ts'
import { createRandom } from './random.ts'
import { drain } from './read-ends.ts'
import { Replicas } from './replicas.ts'
import { stores, type StoreName } from './stores.ts'

export interface ReplayStormOptions extends FaultOptions {
  readonly store: StoreName
  readonly letters: number
  /** Replays in a second. */
  readonly rate: number
  readonly kills: number
}

const maxInFlight = 32
const batchSize = 500
const longestServiceMs = 40
const leaseMs = 3_000

/** A bulk replay whose gateway is killed again and again, and what became of the dead letters. */
export async function runReplayStorm({
  store: name,
  letters,
  rate,
  kills,
  seed,
  progress
}: ReplayStormOptions): Promise<Audit> {
  const moments = createRandom(seed)
  await using counted = await startCountedPlaces(() => moments() * longestServiceMs)
  await using store = await stores[name].open()
  await using replicas = new Replicas({ ...countedPipeline(counted, maxInFlight), store: store.url, leaseMs })
  await replicas.start(stores[name].replicas)
  const accepted = await failAll(replicas, letters)
  progress(`replay on ${name}: ${letters} dead letters`)
  counted.heal()
  const began = performance.now()
  const job = await beginReplay(replicas.any, rate)
  const slotMs = (letters / rate / (kills + 1)) * 1000
  for (let kill = 1; kill <= kills; kill++) {
    await delay(slotMs * (0.5 + moments()))
    // The oldest one, which runs the job.
    await replicas.kill(0)
    await replicas.start()
    progress(`replay on ${name}: kill ${kill} of ${kills}, ${(await jobOf(replicas.any, job)).replayed} replayed`)
  }
  const done = async () => {
    const document = await jobOf(replicas.any, job)
    return document.status === 'done' && document
  }
  const ended = await waitFor(done, { what: 'the end of the bulk replay', timeoutMs: 60_000 + slotMs * (kills + 2) })
  const seconds = (performance.now() - began) / 1000
  return await auditReplay({ gateway: replicas.any, accepted, counted, kills, job: ended, seconds })
}

/** As many dead letters, by the numbers of their events. */
async function failAll(replicas: Replicas, count: number): Promise<ReadonlyMap<number, string>> {
  const accepted = new Map<number, string>()
  for (let from = 0; from < count; from += batchSize) {
    const numbers = Array.from({ length: Math.min(batchSize, count - from) }, (_, i) => from + i)
    const events = numbers.map(n => ({ id: `event-${n}`, data: { n, end: 'failed' } satisfies Numbered }))
    const ids = await submitBatch(replicas.any, events)
    ids.forEach((id, i) => accepted.set(from + i, id))
  }
  await drain(replicas.any, accepted)
  return accepted
}
