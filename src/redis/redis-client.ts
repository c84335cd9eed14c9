import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'

export type RedisClient = Redis | Cluster

/** The purpose of a connection. */
export type RedisUse = 'commands' | 'subscriptions'

/** The replies keep their plain form; see `replyMapping` of ioredis. */
type Options = Omit<RedisOptions, 'replyMapping'>

const retryDelay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1000)

const common = {
  connectTimeout: 2000,
  disconnectTimeout: 500,
  keepAlive: 5000,
  maxLoadingRetryTime: 500
} as const satisfies Options

const uses: Record<RedisUse, Options> = {
  /**
   * A command fails at once while there is no connection, and is never sent twice by the client: only the caller knows
   * whether that does harm. A server that is silent for longer than it may be loses its connection.
   */
  commands: {
    ...common,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2000,
    socketTimeout: 3000
  },
  /** A subscriber subscribes again with each new connection. */
  subscriptions: { ...common, maxRetriesPerRequest: null, autoResubscribe: false }
}

/** Errors after which another server, or the same one later, is to be asked: the connection is made anew. */
const isForAnotherConnection = (error: Error): boolean => /^-?(READONLY|LOADING|MASTERDOWN)/.test(error.message)

/**
 * Whether an error ends the connection. Once while it takes to end: asked to again for every command that had been
 * sent, the client adds a listener to the socket each time.
 */
function createReconnectRule(): (error: Error) => boolean {
  let endsUntil = -Infinity
  return error => {
    const now = performance.now()
    if (!isForAnotherConnection(error) || now < endsUntil) return false
    endsUntil = now + common.disconnectTimeout
    return true
  }
}

/** A client that reconnects for ever. */
export function createRedisClient(address: RedisAddress, use: RedisUse): RedisClient {
  const reconnectOnError = createReconnectRule()
  const options = { ...uses[use], ...accessOptions(address), reconnectOnError, connectionName: `sluice-${use}` }
  if (address.kind === 'cluster') return createCluster(address, options, use)
  const server = address.kind === 'sentinel' ? sentinelOptions(address) : { ...address.hosts[0], db: address.database }
  return new Redis({ ...options, ...server, retryStrategy: retryDelay })
}

const accessOptions = ({ username, password, tls }: RedisAddress): Options => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  ...(tls && { tls: {} })
})

const sentinelOptions = ({ hosts, master, sentinelPassword, tls }: RedisAddress): Options => ({
  sentinels: [...hosts],
  name: master,
  sentinelRetryStrategy: retryDelay,
  sentinelCommandTimeout: 2000,
  failoverDetector: true,
  ...(sentinelPassword !== undefined && { sentinelPassword }),
  ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} })
})

function createCluster({ hosts, tls }: RedisAddress, options: Options, use: RedisUse): Cluster {
  return new Cluster([...hosts], {
    redisOptions: options,
    enableOfflineQueue: use === 'subscriptions',
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: 2000,
    // 0: as above, a command whose connection was lost is not sent again.
    retryDelayOnFailover: 0,
    // Behind TLS the names must stay, since the certificates are made out to them.
    ...(tls && { dnsLookup: (name, found) => found(null, name) })
  })
}
