import type { SecretReading } from '../../secrets/secrets.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { lazily } from '../lazily.ts'
import { requestToken, type AudienceToken } from '../client/request-token.ts'

/**
 * The service account whose tokens a pipeline sends: that of its own namespace, since whoever may write a pipeline there
 * may have such a token anyway. Never the gateway's own, which a definition could otherwise have sent anywhere.
 */
const accountName = 'default'

/** A token is asked for anew when so much of its time is over. */
const usedShare = 0.8
/** One that was refused is asked for again after at most so long, in milliseconds. */
const againMs = 2_000
/** A token that nobody asked for during so long is forgotten where nobody needs it. */
const forgottenMs = 600_000
const tickMs = 1_000

/** Whose token, and for whom. */
export interface Audience {
  readonly namespace: string
  readonly audience: string
}

interface Known extends Audience {
  token: AudienceToken | undefined
  reason: string
  /** From when it is asked for again; milliseconds since the epoch. */
  nextAt: number
  /** By somebody; milliseconds since the epoch. */
  askedAt: number
  asking: Promise<void> | undefined
}

export interface AudienceTokensDeps {
  readonly client: ApiClient
  /** Those that are kept valid, whether somebody asks for them or not. */
  readonly wanted: () => Iterable<Audience>
  /** There is another token than before, or another reason why there is none. */
  readonly onChange: (changed: Audience) => void
}

/** Tokens of the TokenRequest API for the audiences of destinations, each by namespace. */
export class AudienceTokens implements AsyncDisposable {
  readonly #deps: AudienceTokensDeps
  readonly #known = new Map<string, Known>()
  readonly #ending = new AbortController()
  readonly #ticking: NodeJS.Timeout

  constructor(deps: AudienceTokensDeps) {
    this.#deps = deps
    this.#ticking = setInterval(() => this.#look(), tickMs)
  }

  /** The token now. The first time it is missing until the API server has answered. */
  readonly read = (namespace: string, audience: string): SecretReading => {
    const now = Date.now()
    const known = this.#find({ namespace, audience })
    known.askedAt = now
    this.#refresh(known, now)
    const { token, reason } = known
    return token === undefined || token.expiresAt <= now
      ? { kind: 'missing', reason: `no token for the audience ${audience}: ${reason}` }
      : { kind: 'text', text: token.token }
  }

  /** Resolves when each that is missing was answered once more. */
  async settled(): Promise<void> {
    const unknown = [...this.#known.values()].filter(({ token }) => token === undefined)
    await Promise.all(unknown.flatMap(({ asking }) => asking ?? []))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    clearInterval(this.#ticking)
    await Promise.all([...this.#known.values()].flatMap(({ asking }) => asking ?? []))
  }

  #find({ namespace, audience }: Audience): Known {
    const id = idOf({ namespace, audience })
    let known = this.#known.get(id)
    if (known === undefined) {
      const state = { token: undefined, reason: 'it is being asked for', nextAt: 0, askedAt: Date.now() }
      known = { namespace, audience, ...state, asking: undefined }
      this.#known.set(id, known)
    }
    return known
  }

  /** Keeps valid what is wanted, tells of what has ended, and forgets the rest. */
  #look(): void {
    const now = Date.now()
    const wanted = lazily(() => new Set(Array.from(this.#deps.wanted(), idOf)))
    for (const [id, known] of this.#known) {
      if (now >= known.nextAt && wanted().has(id)) this.#refresh(known, now)
      else if (now - known.askedAt > forgottenMs) {
        if (wanted().has(id)) known.askedAt = now
        else this.#known.delete(id)
      }
      if (known.token === undefined || known.token.expiresAt > now) continue
      known.token = undefined
      this.#deps.onChange(known)
    }
  }

  #refresh(known: Known, now: number): void {
    if (now < known.nextAt || known.asking !== undefined || this.#ending.signal.aborted) return
    known.asking = this.#ask(known).finally(() => {
      known.asking = undefined
    })
  }

  async #ask(known: Known): Promise<void> {
    const { namespace, audience, reason } = known
    try {
      const account = { namespace, name: accountName }
      const token = await requestToken(this.#deps.client, account, audience, this.#ending.signal)
      const now = Date.now()
      Object.assign(known, { token, nextAt: now + (token.expiresAt - now) * usedShare })
      this.#deps.onChange(known)
    } catch (thrown) {
      known.reason = failureText(thrown)
      known.nextAt = Date.now() + (againMs / 2) * (1 + Math.random())
      if (known.token === undefined && known.reason !== reason) this.#deps.onChange(known)
    }
  }
}

const idOf = ({ namespace, audience }: Audience): string => `${namespace} ${audience}`
