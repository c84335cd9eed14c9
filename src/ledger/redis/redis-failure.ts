import { SluiceError, messageOf } from '../../errors.ts'
import type { RedisAddress } from '../../redis/redis-address.ts'

const refusedUser = /^-?(NOAUTH|WRONGPASS|ERR invalid password)/
/** Before Redis 7.2 a script that lacks a right says so without the word. */
const lackedRight = /NOPERM|user executing the script can't/
const unknownDatabase = /^-?ERR (DB index is out of range|invalid DB index)/

/** The first words of an error, of the server or of ioredis, and what they mean to the one who runs the gateway. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^-?OOM/, 'Redis has no memory left (maxmemory): give it more, or wait until finished requests expire'],
  [/^-?READONLY/, 'Redis is a read-only replica at the moment'],
  [/^-?(LOADING|BUSYLOADING)/, 'Redis is still loading its data'],
  [/^-?MISCONF/, 'Redis cannot save its data to disk, and refuses to write until it can'],
  [/^-?NOREPLICAS/, 'Redis has too few replicas (min-replicas-to-write), and refuses to write'],
  [lackedRight, 'the user of the store lacks a right in Redis; see ACL LOG there, and allow it by ACL SETUSER'],
  [refusedUser, 'Redis refused the user or the password of the store: give both in its URL, percent-encoded'],
  [
    unknownDatabase,
    'Redis does not have the database that the URL of the store names: see `databases` in its settings'
  ],
  [/^-?MOVED/, 'this Redis is a node of a cluster: begin the URL of the store with redis+cluster://'],
  [/cluster support disabled/, 'this Redis is not a node of a cluster: begin the URL of the store with redis://'],
  [/TRYAGAIN/, 'the Redis cluster moves what the pipeline has to another node'],
  [/^-?(CLUSTERDOWN|ASK)|[Cc]luster/, 'the Redis cluster does not serve all slots at the moment'],
  [/^-?(MASTERDOWN|BUSY)/, 'Redis is busy'],
  [/[Ss]entinel/, 'no sentinel knows the master: check their addresses, and the name of the master'],
  [
    /wrong version number|packet length too long/,
    'Redis does not speak TLS there: begin the URL of the store with redis in place of rediss'
  ],
  [
    /alert certificate required|alert handshake failure/,
    'Redis wants certificates of its clients, and Sluice has none to show: set tls-auth-clients no or optional there'
  ],
  [/certificate/, 'the certificate of Redis is not trusted: name its authority in NODE_EXTRA_CA_CERTS'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name of the host is not known'],
  [/timed out|timeout|ETIMEDOUT/, 'Redis did not answer in time'],
  [/^-?ERR|^WRONGTYPE|^NOSCRIPT/, 'Redis answered with an error; the log has it']
]

/** A failure of Redis as the ledger's callers know it. The cause keeps what Redis said; the message may be shown. */
export function redisFailure(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  const cause = nodeError(thrown)
  const said = messageOf(cause)
  const meaning = meanings.find(([words]) => words.test(said))?.[1] ?? 'Redis cannot be reached'
  return new SluiceError('STORE_UNAVAILABLE', meaning, { cause, facts: { retryAfterMs: 1000 } })
}

/** The same as whoever starts the gateway needs it: with where the store is, and what was said there. */
export function redisStartFailure({ place, tls }: Pick<RedisAddress, 'place' | 'tls'>, thrown: unknown): SluiceError {
  const { message, cause } = redisFailure(thrown)
  const words = cause instanceof Error ? cause.message.trim() : ''
  const said = words === '' ? '' : ` (${words})`
  return new SluiceError('STORE_UNAVAILABLE', `redis at ${place}: ${message}${said}${protocolAdvice(tls, words)}`, {
    cause,
    facts: { retryAfterMs: 1000 }
  })
}

/** A server that is spoken to in the wrong protocol says nothing: it waits for more, or closes the connection. */
function protocolAdvice(tls: boolean, said: string): string {
  if (tls && /timed out|timeout|ETIMEDOUT|closed/.test(said))
    return '; if it does not speak TLS there, begin the URL of the store with redis in place of rediss'
  if (tls && /ECONNRESET/.test(said))
    return '; if it wants certificates of its clients, of which Sluice has none, set tls-auth-clients no or optional there'
  if (!tls && /ECONNRESET|closed/.test(said))
    return '; if it speaks TLS there, begin the URL of the store with rediss in place of redis'
  return ''
}

/** Errors that stay for as long as the URL of the store, or what is set in Redis, is what it is. */
export const isRefusal = (error: unknown): boolean =>
  [refusedUser, lackedRight, unknownDatabase].some(words => words.test(saidBy(error)))

/** The client goes on in database 0 when the one that it is to use is not there. */
export const isOfDatabase = (error: unknown): boolean =>
  unknownDatabase.test(saidBy(error)) || /NOPERM.*'select'/.test(saidBy(error))

/** Whether the client says only that it has no connection, or lost the one that it had. */
export const isUnconnected = (error: unknown): boolean =>
  /isn't (writeable|ready) and enableOfflineQueue|^Connection is closed/.test(saidBy(error))

/** Whether Redis does not let the user do it. */
export const isLackOfRight = (error: unknown): boolean => lackedRight.test(saidBy(error))

function saidBy(error: unknown): string {
  const cause = nodeError(error instanceof SluiceError ? error.cause : error)
  return cause instanceof Error ? cause.message : ''
}

/** A cluster says only that none of its nodes could be asked; this is why. */
const nodeError = (error: unknown): unknown =>
  error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error
