import type { SecretReading } from '../../secrets/secrets.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { requestToken, type AudienceToken } from '../client/request-token.ts'

/**
 * The service account whose tokens a pipeline sends: that of its own namespace, since whoever may write a pipeline there
 * may have such a token anyway. Never the gateway's own, which a definition could otherwise have sent anywhere.
 */
const account = 'default'

/** A token is asked for anew when so much of its time is over. */
const usedShare = 0.8
/** One that was refused is asked for again after at most so long, in milliseconds. */
const againMs = 2_000
/** A token that nobody asked for during so long is forgotten. */
const forgottenMs = 3_600_000

interface Known {
  token: AudienceToken | undefined
  reason: string
  /** From when it is asked for again; milliseconds since the epoch. */
  nextAt: number
  askedAt: number
  asking: Promise<void> | undefined
}

/** Tokens of the TokenRequest API for the audiences of destinations, each by namespace. */
export class AudienceTokens implements AsyncDisposable {
  readonly #client: ApiClient
  readonly #known = new Map<string, Known>()
  readonly #ending = new AbortController()

  constructor(client: ApiClient) {
    this.#client = client
  }

  /** The token now. The first time it is missing until the API server has answered. */
  readonly read = (namespace: string, audience: string): SecretReading => {
    const now = Date.now()
    const known = this.#find(namespace, audience, now)
    known.askedAt = now
    if (now >= known.nextAt && known.asking === undefined && !this.#ending.signal.aborted)
      this.#ask(namespace, audience, known)
    const { token, reason } = known
    return token === undefined || token.expiresAt <= now
      ? { kind: 'missing', reason: `no token for the audience ${audience}: ${reason}` }
      : { kind: 'text', text: token.token }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all([...this.#known.values()].flatMap(({ asking }) => asking ?? []))
  }

  #find(namespace: string, audience: string, now: number): Known {
    const id = `${namespace} ${audience}`
    let known = this.#known.get(id)
    if (known === undefined) {
      for (const [key, { askedAt }] of this.#known) if (now - askedAt > forgottenMs) this.#known.delete(key)
      known = { token: undefined, reason: 'it is being asked for', nextAt: 0, askedAt: now, asking: undefined }
      this.#known.set(id, known)
    }
    return known
  }

  #ask(namespace: string, audience: string, known: Known): void {
    known.asking = requestToken(this.#client, { namespace, name: account }, audience, this.#ending.signal)
      .then(
        token => {
          const now = Date.now()
          Object.assign(known, { token, nextAt: now + (token.expiresAt - now) * usedShare })
        },
        (thrown: unknown) =>
          Object.assign(known, {
            reason: failureText(thrown),
            nextAt: Date.now() + (againMs / 2) * (1 + Math.random())
          })
      )
      .then(() => {
        known.asking = undefined
      })
  }
}
