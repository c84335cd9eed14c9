import { SluiceError } from '../../errors.ts'
import type { Keys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { isLackOfRight } from './redis-failure.ts'
import { readList, readText } from './read-reply.ts'
import { tryRightsScript } from './scripts/try-rights.ts'

/** The rights that the user of the store lacks in Redis. */
export interface RedisRights {
  /** Without these no request can be accepted and ended: `command ZADD`, `keys`. */
  readonly lacking: readonly string[]
  /** Without channels nothing is told: who waits looks by itself. Since Redis 7 a new user has none. */
  readonly channels: boolean
}

/** The rights that are taken for granted where they cannot be tried: a replica refuses every write, whoever asks. */
export const allRights: RedisRights = { lacking: [], channels: true }

/** Tries everything that the ledger does, and leaves nothing behind. */
export async function tryRights(connection: RedisConnection, keys: Keys): Promise<RedisRights> {
  try {
    await connection.command('EXISTS', [keys.pipelines])
    const lacking = readList(await connection.run(tryRightsScript, keys.rights, [keys.work])).map(readText)
    const channels = !lacking.includes('channels') && !lacking.includes('command PUBLISH')
    return { lacking: lacking.filter(right => right !== 'channels' && right !== 'command PUBLISH'), channels }
  } catch (error) {
    if (isLackOfRight(error)) throw error
    // A server whose disk is full, say: that is told by whatever needs more than the right.
    return allRights
  }
}

/** The lacking rights, in the words of `ACL SETUSER`; `undefined`: nothing without which no request can be accepted. */
export function lackOfRights({ lacking }: RedisRights, { prefix }: Keys): SluiceError | undefined {
  if (lacking.length === 0) return undefined
  const grants = lacking.map(right => (right === 'keys' ? `~${prefix}:*` : right.replace(/^command (.*)$/, toGrant)))
  return new SluiceError(
    'STORE_UNAVAILABLE',
    `the user of the store lacks rights in Redis (${lacking.join(', ')}): ACL SETUSER NAME ${grants.join(' ')}`
  )
}

const toGrant = (_: string, command: string): string => `+${command.toLowerCase()}`

/** Said in the log, and where the store says what it guarantees. */
export const channelAdvice = ({ prefix }: Keys): string =>
  `the user of the store has no right to channels, as a new user of Redis 7 has not: other replicas learn late of what changes; ACL SETUSER NAME &${prefix}:* +publish +subscribe +unsubscribe`
