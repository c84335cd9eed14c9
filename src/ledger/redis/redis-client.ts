import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'
import { isForAnotherConnection } from './redis-failure.ts'

export type RedisClient = Redis | Cluster

const retryDelay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1000)

const common = {
  connectTimeout: 2000,
  disconnectTimeout: 500,
  keepAlive: 5000,
  maxLoadingRetryTime: 500,
  retryStrategy: retryDelay,
  reconnectOnError: isForAnotherConnection
} as const satisfies RedisOptions

/**
 * A command fails at once while there is no connection, and is never sent twice by the client: only the caller knows
 * whether that does harm. A server that is silent for longer than it may be loses its connection.
 */
const forCommands = {
  ...common,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 2000,
  socketTimeout: 3000
} as const satisfies RedisOptions

/** Subscriptions are kept over every loss of the connection. */
const forSubscriptions = { ...common, maxRetriesPerRequest: null } as const satisfies RedisOptions

/** A client that reconnects for ever; `commands` or `subscriptions` says what it is for. */
export function createRedisClient(address: RedisAddress, use: 'commands' | 'subscriptions'): RedisClient {
  const options = use === 'commands' ? forCommands : forSubscriptions
  const access: RedisOptions = {
    connectionName: `sluice-${use}`,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: {} })
  }
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, ...access, ...address.hosts[0], db: address.database })
    case 'sentinel':
      return new Redis({ ...options, ...access, ...sentinelOptions(address) })
    case 'cluster':
      return createCluster(address, { ...options, ...access }, use === 'subscriptions')
  }
}

const sentinelOptions = (address: RedisAddress): RedisOptions => ({
  sentinels: [...address.hosts],
  name: address.master,
  sentinelRetryStrategy: retryDelay,
  sentinelCommandTimeout: 2000,
  failoverDetector: true,
  ...(address.sentinelPassword !== undefined && { sentinelPassword: address.sentinelPassword }),
  ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} })
})

function createCluster({ hosts, tls }: RedisAddress, options: RedisOptions, queueing: boolean): Cluster {
  const { enableOfflineQueue: _queue, retryStrategy: _retry, ...redisOptions } = options
  return new Cluster([...hosts], {
    redisOptions,
    enableOfflineQueue: queueing,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: 2000,
    // 0: as in forCommands, a command whose connection was lost is not sent again.
    retryDelayOnFailover: 0,
    // Behind TLS the names must stay, since the certificates are made out to them.
    ...(tls && { dnsLookup: (name, found) => found(null, name) })
  })
}
