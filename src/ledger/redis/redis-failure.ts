import { SluiceError } from '../../errors.ts'

const refusal = /^-?(NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/

/** The first words of an error, of the server or of ioredis, and what they mean to the one who runs the gateway. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^-?OOM/, 'Redis has no memory left (maxmemory): give it more, or wait until finished requests expire'],
  [/^-?READONLY/, 'Redis is a read-only replica at the moment'],
  [/^-?(LOADING|BUSYLOADING)/, 'Redis is still loading its data'],
  [/^-?MISCONF/, 'Redis cannot save its data to disk, and refuses to write until it can'],
  [/^-?NOREPLICAS/, 'Redis has too few replicas (min-replicas-to-write), and refuses to write'],
  [/^-?(CLUSTERDOWN|TRYAGAIN|MOVED|ASK)|[Cc]luster/, 'the Redis cluster does not serve all slots at the moment'],
  [refusal, 'Redis refused the user or the password of the store'],
  [/^-?(MASTERDOWN|BUSY)/, 'Redis is busy'],
  [/timed out|timeout|ETIMEDOUT/, 'Redis did not answer in time'],
  [/^-?ERR|^WRONGTYPE|^NOSCRIPT/, 'Redis answered with an error; the log has it']
]

/** A failure of Redis as the ledger's callers know it. The cause keeps what Redis said; the message may be shown. */
export function redisFailure(thrown: unknown): SluiceError {
  const cause = nodeError(thrown)
  const said = cause instanceof Error ? cause.message : String(cause)
  const meaning = meanings.find(([words]) => words.test(said))?.[1] ?? 'Redis cannot be reached'
  return new SluiceError('STORE_UNAVAILABLE', meaning, { cause, facts: { retryAfterMs: 1000 } })
}

/** Errors after which another server, or the same one later, is to be asked: the connection is made anew. */
export const isForAnotherConnection = (error: Error): boolean => /^-?(READONLY|LOADING|MASTERDOWN)/.test(error.message)

/** Errors that stay for as long as the URL of the store is what it is. */
export const isRefusal = (error: unknown): boolean => {
  const cause = nodeError(error)
  return cause instanceof Error && refusal.test(cause.message)
}

/** A cluster says only that none of its nodes could be asked; this is why. */
const nodeError = (error: unknown): unknown =>
  error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error
