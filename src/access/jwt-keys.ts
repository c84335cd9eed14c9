import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

/** Where the keys of an issuer are. */
export interface KeySource {
  /** Rejects with why they cannot be read. */
  readonly read: () => Promise<JSONWebKeySet>
  /** Whether they are known to be others than were read last; costs next to nothing. */
  readonly hasChanged: () => boolean
}

/** Keys are asked for again after this long, in milliseconds, though all that is signed can be verified. */
const freshMs = 600_000

/** How often an unknown key may make us ask again, at once and over time: whoever invents keys must not flood the issuer. */
const burst = 4
const refillMs = 10_000

/**
 * The keys of an issuer. They are asked for again when one is unknown, since the issuer has a new one then, and from time to
 * time, since it may have withdrawn one. While the issuer is away, the last ones hold.
 */
export class JwtKeys {
  readonly #source: KeySource
  readonly #log: Logger
  readonly #now: () => number
  #keys: JWTVerifyGetKey | undefined
  #readAt = -Infinity
  #reading: Promise<void> | undefined
  #permits = burst
  #refilledAt: number
  #version = 0

  constructor(source: KeySource, log: Logger, now: () => number = () => performance.now()) {
    this.#source = source
    this.#log = log
    this.#now = now
    this.#refilledAt = now()
  }

  /** Which keys there are: another number, other keys; `undefined`: they have changed, and are not read yet. */
  get version(): number | undefined {
    return this.#source.hasChanged() ? undefined : this.#version
  }

  /** Asks for the keys; resolves when they are there, or the log says why not. */
  readAgain(): Promise<void> {
    this.#reading ??= this.#ask().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  /** The key that a token says it is signed with. Rejects with jose's errors, or `NoKeys`. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#source.hasChanged() || (this.#keys === undefined && this.#mayAsk())) await this.readAgain()
    else if (this.#now() - this.#readAt > freshMs) void this.readAgain()
    if (this.#keys === undefined) throw new NoKeys()
    try {
      return await this.#keys(header, token)
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk()) throw thrown
      await this.readAgain()
      return this.#keys(header, token)
    }
  }

  #mayAsk(): boolean {
    const now = this.#now()
    this.#permits = Math.min(burst, this.#permits + (now - this.#refilledAt) / refillMs)
    this.#refilledAt = now
    if (this.#permits < 1) return false
    this.#permits--
    return true
  }

  async #ask(): Promise<void> {
    // Also after a failure: an issuer that is away is not asked with each call.
    this.#readAt = this.#now()
    try {
      this.#keys = createLocalJWKSet(await this.#source.read())
      this.#version++
    } catch (thrown) {
      const kept = this.#keys === undefined ? 'callers with a JWT are refused' : 'the last ones hold'
      this.#log.warn({ reason: reasonOf(thrown) }, `the keys of the JWT issuer cannot be read; ${kept}`)
    }
  }
}

/** There have been no keys yet. */
export class NoKeys extends Error {
  override readonly name = 'NoKeys'
}

/** With its cause: a fetch that fails says only that it did. */
function reasonOf(thrown: unknown): string {
  const { cause } = thrown instanceof Error ? thrown : {}
  const reason = messageOf(thrown)
  return cause instanceof Error ? `${reason}: ${'code' in cause ? String(cause.code) : cause.message}` : reason
}
