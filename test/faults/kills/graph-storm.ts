import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../../helpers/wait-for.ts'
import { beginReplay, jobOf, letterOf } from '../../replay/dead-letter-calls.ts'
import type { Audit } from './accounting.ts'
import { auditGraph } from './audit-graph.ts'
import { startCallers, endOf } from './callers.ts'
import { startCountedGraph } from './counted-graph.ts'
import type { FaultOptions } from '../fault-part.ts'
import { createRandom } from './random.ts'
import { drain, readAgain, readAll, type Ends } from './read-ends.ts'
import { Replicas } from './replicas.ts'
import { stores, type StoreName } from './stores.ts'

export interface GraphStormOptions extends FaultOptions {
  readonly store: StoreName
  readonly kills: number
  /** The callers go on until so many were accepted. */
  readonly leastAccepted: number
}

const callsPerSecond = 60
const longestServiceMs = 60
const longestLifeMs = 1_200
/** Longer than a process stands still on a busy machine. */
const leaseMs = 3_000
const replaysPerSecond = 50

/**
 * Gateways that are killed while a parallel step runs inside a switch inside a nested pipeline, then while what had failed
 * is replayed; and what became of all that they had accepted. A fifth of the kills are for the replays.
 */
export async function runGraphStorm(options: GraphStormOptions): Promise<Audit> {
  const { store: name, kills, seed, leastAccepted, progress } = options
  const moments = createRandom(seed)
  const random = createRandom(seed + 1)
  const { open, replicas: count } = stores[name]
  await using counted = await startCountedGraph(() => random() * longestServiceMs)
  await using store = await open()
  const { steps, others } = counted
  const spec = { limits: { maxInFlight: 64, maxDeliveries: 1_000 } }
  await using replicas = new Replicas({ steps, others, spec, store: store.url, leaseMs })
  await replicas.start(count)
  const callers = startCallers({ urls: () => replicas.running.map(({ url }) => url), random, rate: callsPerSecond })
  const inReplays = Math.ceil(kills / 5)
  const killOne = async (what: string): Promise<void> => {
    await delay(moments() * longestLifeMs)
    await replicas.kill(Math.floor(moments() * count))
    await replicas.start()
    progress(`graph on ${name}: ${what}, ${callers.accepted} accepted`)
  }
  for (let kill = 1; kill <= kills - inReplays; kill++) await killOne(`kill ${kill} of ${kills}`)
  while (callers.accepted < leastAccepted) await delay(100)
  const { accepted } = await callers.stop()
  progress(`graph on ${name}: waiting for the ends of ${accepted.size} requests`)
  const ends = await drain(replicas.any, accepted)
  const callsBefore = new Map([...accepted.keys()].map(n => [n, counted.callsOf(n).length]))
  for (let killed = 0; killed < count; killed++) await replicas.kill(0)
  await replicas.start(count)
  const later = await readAgain(replicas.any, accepted)
  counted.heal()
  // On a busy machine a gateway may not have reached its store yet.
  const job = await waitFor(() => beginReplay(replicas.any, replaysPerSecond), { what: 'the bulk replay' })
  for (let kill = 1; kill <= inReplays; kill++) await killOne(`kill ${kill} of ${inReplays} in replays`)
  const done = async () => (await jobOf(replicas.any, job)).status === 'done'
  await waitFor(done, { what: 'the end of the bulk replay', timeoutMs: 120_000 })
  const replays = await endsOfReplays(replicas, accepted)
  return auditGraph({ accepted, counted, kills, ends, later, callsBefore, replays })
}

/** By the numbers of the events that had failed. */
async function endsOfReplays(replicas: Replicas, accepted: ReadonlyMap<number, string>): Promise<Ends> {
  const failed = new Map([...accepted].filter(([n]) => endOf(n) === 'failed'))
  const letters = await readAll(failed, id => letterOf(replicas.any, id))
  return drain(replicas.any, new Map([...letters].map(([n, { replayedAs = '' }]) => [n, replayedAs])))
}
