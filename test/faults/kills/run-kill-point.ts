import { setTimeout as delay } from 'node:timers/promises'
import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import {
  startKillableGateway,
  startSuccessor,
  type GatewayOnStore,
  type ReachableGateway
} from '../../helpers/killable-gateway.ts'
import { ended } from '../../helpers/submit.ts'
import { letterOf, openLetters, replay } from '../../replay/dead-letter-calls.ts'
import { countedPipeline } from './counted-pipeline.ts'
import { places, startCountedPlaces, type CountedPlaces, type Place } from './counted-places.ts'
import type { KillPoint } from './kill-points.ts'
import { sendEvent } from './send-event.ts'
import { stores, type StoreName } from './stores.ts'

/** A gateway that knows nothing of the kill has gone on: this can be seen then. */
export interface AfterKill {
  readonly end: StatusDocument
  readonly calls: Readonly<Record<Place, number>>
  /** How many different event ids each place has seen. */
  readonly eventIds: readonly number[]
  /** Dead letters that are open. */
  readonly letters: readonly string[]
}

const script = 'test/faults/kills/crashing-gateway.ts'
const n = 1
/** A point that is not reached is a fault. */
const crashMs = 30_000

/** Kills a gateway at the point, starts another one, and has the request brought to its end. */
export async function runKillPoint(point: KillPoint, storeName: StoreName): Promise<AfterKill> {
  await using counted = await startCountedPlaces(() => 0)
  await using store = await stores[storeName].open()
  const options = { ...countedPipeline(counted, 4), store: store.url }
  const end = await (point.during === 'request' ? killRequest(point, options) : killReplay(point, options, counted))
  const visits = places.map(place => counted.visitsOf(place, n))
  const [filter = 0, model = 0, reply = 0, sink = 0] = visits.map(({ calls }) => calls)
  return {
    ...end,
    calls: { filter, model, reply, sink },
    eventIds: visits.map(({ eventIds }) => eventIds.size)
  }
}

type Ended = Pick<AfterKill, 'end' | 'letters'>

async function killRequest({ end, at }: KillPoint, options: GatewayOnStore): Promise<Ended> {
  const send = async ({ url }: ReachableGateway): Promise<string> => {
    const response = await sendEvent(url, { n, end })
    return ((await response.json()) as { id: string }).id
  }
  await crash(options, at, send)
  await using next = await startSuccessor(options)
  return await endOf(next, await send(next))
}

async function killReplay({ end, at }: KillPoint, options: GatewayOnStore, counted: CountedPlaces): Promise<Ended> {
  const id = await failOnce(options, end)
  counted.heal()
  await crash(options, at, gateway => replay(gateway, id))
  await using next = await startSuccessor(options)
  const again = await replay(next, id)
  const seen = await endOf(next, again.id)
  const letter = await letterOf(next, id)
  if (letter.replayedAs !== again.id) throw new Error(`the dead letter is marked with ${letter.replayedAs}`)
  return seen
}

async function failOnce(options: GatewayOnStore, end: KillPoint['end']): Promise<string> {
  await using gateway = await startSuccessor(options)
  const response = await sendEvent(gateway.url, { n, end })
  const { id } = (await response.json()) as { id: string }
  await ended(gateway, id)
  return id
}

/** Resolves when the gateway has ended at the point. What it is asked may or may not get its answer. */
async function crash(
  options: GatewayOnStore,
  at: KillPoint['at'],
  ask: (gateway: ReachableGateway) => Promise<unknown>
): Promise<void> {
  await using gateway = await startKillableGateway({ ...options, script, args: [JSON.stringify(at)] })
  await ask(gateway).catch(() => undefined)
  const exit = await Promise.race([gateway.process.exit, delay(crashMs, undefined, { ref: false })])
  if (exit?.signal !== 'SIGKILL') throw new Error(`the gateway was not killed ${at.moment} ${at.operation}`)
}

async function endOf(gateway: ReachableGateway, id: string): Promise<Ended> {
  return { end: await ended(gateway, id), letters: await openLetters(gateway) }
}
