import { randomUUID } from 'node:crypto'
import type { Logger } from '../../telemetry/log.ts'
import type { Durability, Ledger } from '../ledger.ts'
import { createKeys } from './keys.ts'
import { KnownPipelines } from './known-pipelines.ts'
import { Notifications } from './notifications.ts'
import { readRedisAddress, type RedisAddress } from './redis-address.ts'
import { RedisConnection } from './redis-connection.ts'
import { RedisDeadLetters } from './redis-dead-letters.ts'
import { createRedisDocuments } from './redis-documents.ts'
import { redisDurability } from './redis-durability.ts'
import { redisFailure } from './redis-failure.ts'
import { RedisQueue } from './redis-queue.ts'
import { RedisReader } from './redis-reader.ts'
import { readRedisSettings } from './redis-settings.ts'
import { electScript } from './scripts/elect.ts'
import { tellFall } from './tell-fall.ts'
import { WorkBell } from './work-bell.ts'

export interface RedisLedgerOptions {
  /**
   * - `redis://user:password@host:6379/0`: one server
   * - `redis+sentinel://user:password@host:26379,host:26379/master?sentinelPassword=…`: the master that the sentinels know
   * - `redis+cluster://user:password@host:6379,host:6379`: a cluster, by some of its nodes
   *
   * `rediss` in place of `redis`: with TLS. User and password are percent-encoded.
   */
  readonly url: string
  /** What all keys begin with; two prefixes on one server are two ledgers. Without braces. Default: `sluice`. */
  readonly prefix?: string
  readonly log: Logger
}

const connectTimeoutMs = 5000

/** The ledger in Redis 7 or newer, shared by all replicas; fails when the server does not answer at the start. */
export async function connectRedisLedger({ url, prefix = 'sluice', log }: RedisLedgerOptions): Promise<Ledger> {
  const address = readRedisAddress(url)
  const keys = createKeys(prefix, randomUUID())
  using opened = new DisposableStack()
  const connection = opened.use(new RedisConnection(address, log))
  await connection.ready(connectTimeoutMs)
  const durability = await followDurability(connection, address, log)
  const notifications = opened.use(new Notifications(address, connection, keys, log))
  const pipelines = new KnownPipelines(connection, keys)
  const bell = new WorkBell(notifications, keys)
  const ring = (pipeline: string): void => bell.ring(pipeline)
  const queue = new RedisQueue(connection, keys, pipelines, ring)
  const reader = new RedisReader(connection, keys, pipelines, notifications)
  const owned = opened.move()
  return {
    get durability() {
      return durability()
    },
    get outage() {
      return connection.outage
    },
    accept: (requests, claim) => queue.accept(requests, claim),
    claim: (pipeline, limit, lease) => queue.claim(pipeline, limit, lease),
    renew: (claims, leaseMs) => queue.renew(claims, leaseMs),
    checkpoint: (claim, progress) => queue.checkpoint(claim, progress),
    settle: (claim, settlement) => queue.settle(claim, settlement),
    release: (claim, options) => queue.release(claim, options),
    cancel: (pipeline, id) => queue.cancel(pipeline, id),
    read: (pipeline, id) => reader.read(pipeline, id),
    wait: (pipeline, id, version, signal) => reader.wait(pipeline, id, version, signal),
    list: filter => reader.list(filter),
    watch: onWork => bell.watch(onWork),
    claimable: () => queue.claimable(),
    pipelines: () => pipelines.list(),
    pending: pipeline => queue.pending(pipeline),
    elect: async (role, { owner, leaseMs }) =>
      (await connection.run(electScript, keys.role(role), [owner, leaseMs])) === 1,
    deadLetters: new RedisDeadLetters(connection, keys, pipelines, ring),
    documents: createRedisDocuments(connection, keys),
    async [Symbol.asyncDispose]() {
      owned.dispose()
    }
  }
}

/**
 * Asked again on each new connection: after a failover it may be a server with other settings. Where the connection ends
 * before the answer, the next one asks.
 */
async function followDurability(connection: RedisConnection, { label }: RedisAddress, log: Logger) {
  const ask = async () => redisDurability(label, await Promise.all(connection.nodes.map(readRedisSettings)))
  let durability = await ask().catch((error: unknown) => {
    throw redisFailure(error)
  })
  const keep = (asked: Durability): void => {
    tellFall(durability, asked, log)
    durability = asked
  }
  connection.onReady(() => void ask().then(keep, () => {}))
  return () => durability
}
