import { randomUUID } from 'node:crypto'
import type { Logger } from '../../telemetry/log.ts'
import type { Durability } from '../durability.ts'
import type { Ledger } from '../ledger.ts'
import { ChangeBell } from './change-bell.ts'
import { startConfirming } from './confirmed-acceptance.ts'
import { createKeys, type Keys } from './keys.ts'
import { KnownPipelines } from './known-pipelines.ts'
import { Notifications } from './notifications.ts'
import { readRedisAddress, type RedisAddress } from '../../redis/redis-address.ts'
import { RedisAcceptance } from './redis-acceptance.ts'
import { RedisCalls } from './redis-calls.ts'
import { RedisConnection } from './redis-connection.ts'
import { RedisDeadLetters } from './redis-dead-letters.ts'
import { createRedisDocuments } from './redis-documents.ts'
import { redisDurability } from './redis-durability.ts'
import { redisStartFailure } from './redis-failure.ts'
import { RedisReader } from './redis-reader.ts'
import { allRights, channelAdvice, lackOfRights, tryRights, type RedisRights } from './redis-rights.ts'
import { readRedisSettings } from './redis-settings.ts'
import { RedisRequestStreams } from './redis-request-streams.ts'
import { RedisWork } from './redis-work.ts'
import { electScript } from './scripts/elect.ts'
import { RedisSweeper } from './sweeper.ts'
import { warnWeaker } from './warn-weaker.ts'
import { WorkBell } from './work-bell.ts'

export interface RedisLedgerOptions {
  /**
   * - `redis://user:password@host:6379/0`: one server
   * - `redis+sentinel://user:password@host:26379,host:26379/master?sentinelPassword=…`: the master that the sentinels know
   * - `redis+cluster://user:password@host:6379,host:6379`: a cluster, by some of its nodes
   *
   * `rediss` in place of `redis`: with TLS. User and password are percent-encoded. `?prefix=NAME`: as below.
   */
  readonly url: string
  /**
   * The beginning of all keys, where the URL does not say; two prefixes on one server are two ledgers. Default:
   * `sluice`.
   */
  readonly prefix?: string
  /** Whether an acceptance waits for the replicas that may be promoted, and is refused where they do not confirm it. */
  readonly confirm?: boolean
  readonly log: Logger
}

const connectTimeoutMs = 5000

/** The ledger in Redis 7 or newer, shared by all replicas; fails when the server does not answer at the start. */
export async function connectRedisLedger({
  url,
  prefix = 'sluice',
  confirm = false,
  log
}: RedisLedgerOptions): Promise<Ledger> {
  const address = readRedisAddress(url)
  const keys = createKeys(address.prefix ?? prefix, randomUUID())
  using opened = new DisposableStack()
  const connection = opened.use(new RedisConnection(address, log))
  const server = await begin(connection, { address, keys, confirm, log })
  const confirmed = confirm ? opened.use(await startConfirming({ address, connection, keys })) : undefined
  const notifications = opened.use(new Notifications(address, connection, keys, log))
  const pipelines = new KnownPipelines(connection, keys, log)
  const bell = new WorkBell(notifications, keys)
  const ring = (pipeline: string): void => bell.ring(pipeline)
  const changes = new ChangeBell(notifications, keys)
  const onChange = (pipeline: string): void => {
    if (notifications.deaf || !server().rights.channels) changes.ring(pipeline)
  }
  const calls = new RedisCalls({ connection, keys, onWork: ring, onChange })
  const work = new RedisWork({ calls, pipelines, confirmed })
  const acceptance = new RedisAcceptance({ calls, pipelines, confirmed, work })
  const reader = new RedisReader(connection, keys, pipelines, changes)
  const streams = new RedisRequestStreams(connection, keys, onChange)
  opened.use(new RedisSweeper(connection, keys, pipelines))
  const owned = opened.move()
  return {
    get durability() {
      return server().durability
    },
    get outage() {
      return connection.outage
    },
    accept: (requests, claim) => acceptance.accept(requests, claim),
    claim: (pipeline, limit, lease) => work.claim(pipeline, limit, lease),
    renew: (claims, leaseMs) => work.renew(claims, leaseMs),
    checkpoint: (claim, progress) => work.checkpoint(claim, progress),
    appendPiece: (claim, piece) => streams.appendPiece(claim, piece),
    readPieces: (pipeline, id, from) => streams.readPieces(pipeline, id, from),
    settle: (claim, settlement) => work.settle(claim, settlement),
    tell: (claim, note) => work.tell(claim, note),
    release: (claim, options) => work.release(claim, options),
    claimThese: (pipeline, ids, lease) => work.claimThese(pipeline, ids, lease),
    cancel: (pipeline, id) => acceptance.cancel(pipeline, id),
    read: (pipeline, id) => reader.read(pipeline, id),
    wait: (pipeline, id, version, signal) => reader.wait(pipeline, id, version, signal),
    list: filter => reader.list(filter),
    watch: onWork => bell.watch(onWork),
    claimable: () => work.claimable(),
    pipelines: () => pipelines.list(),
    pending: pipeline => work.pending(pipeline),
    elect: async (role, { owner, leaseMs }) =>
      (await connection.run(electScript, keys.role(role), [owner, leaseMs])) === 1,
    deadLetters: new RedisDeadLetters(connection, keys, pipelines, ring),
    documents: createRedisDocuments(connection, keys),
    [Symbol.asyncDispose]: async () => owned.dispose()
  }
}

/** The known facts of the server, or of those of a cluster. */
interface Server {
  readonly durability: Durability
  readonly rights: RedisRights
}

interface Beginning {
  readonly address: RedisAddress
  readonly keys: Keys
  readonly confirm: boolean
  readonly log: Logger
}

/** The person who starts the gateway is told where the store is, what is wrong there, and what to do. */
async function begin(connection: RedisConnection, { address, keys, confirm, log }: Beginning): Promise<() => Server> {
  try {
    await connection.ready(connectTimeoutMs)
    return await followServer(connection, { address, keys, confirm, log })
  } catch (error) {
    throw redisStartFailure(address, error)
  }
}

/**
 * Asked again on each new connection: after a failover it may be a server with other settings. Where the connection
 * ends before the answer, the next one asks.
 */
async function followServer(
  connection: RedisConnection,
  { address: { kind, place }, keys, confirm, log }: Beginning
): Promise<() => Server> {
  const ask = async (): Promise<Server> => {
    const servers = await Promise.all(connection.nodes.map(readRedisSettings))
    const rights = servers.some(({ role }) => role === 'slave') ? allRights : await tryRights(connection, keys)
    return { rights, durability: redisDurability(place, servers, { rights, confirm, promoted: kind === 'sentinel' }) }
  }
  let server = await ask()
  const fault = lackOfRights(server.rights, keys)
  if (fault !== undefined) throw fault
  if (!server.rights.channels) log.warn({ store: place }, channelAdvice(keys))
  const keep = (asked: Server): void => {
    const lost = lackOfRights(asked.rights, keys)
    if (lost !== undefined) log.error({ store: place, err: lost }, 'the store refuses what the gateway needs')
    warnWeaker(server.durability, asked.durability, log)
    server = asked
  }
  connection.onReady(() => void ask().then(keep, () => {}))
  return () => server
}
