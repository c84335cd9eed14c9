import { errors, jwtVerify, type JWTPayload } from 'jose'
import { SluiceError } from '../errors.ts'
import type { JwtCaller } from './caller.ts'
import type { Identified } from './identify.ts'
import { NoKeys, type JwtKeys } from './jwt-keys.ts'
import { tokenDigest } from './token-digest.ts'

export interface JwtRules {
  readonly issuer: string
  /** One of them suffices; empty: any. */
  readonly audiences: readonly string[]
}

/** Only these count: a signature by anybody's public key, or by none, proves nothing. */
const algorithms = ['RS256', 'ES256', 'EdDSA', 'Ed25519']

/** How far the clocks of issuer and gateway may differ. */
const leewaySeconds = 60

/** A verified token is not verified again for so long, in milliseconds, nor after it has expired. */
const rememberedMs = 60_000
const mostRemembered = 10_000

interface Remembered {
  readonly identified: Identified
  readonly version: number | undefined
  /** On the clock of `Date.now()`. */
  readonly until: number
}

/** Judges JWTs by the keys of their issuer. */
export class JwtJudge {
  readonly #rules: JwtRules
  readonly #keys: JwtKeys
  readonly #remembered = new Map<string, Remembered>()

  constructor(rules: JwtRules, keys: JwtKeys) {
    this.#rules = rules
    this.#keys = keys
  }

  judge(token: string, digest = tokenDigest(token)): Identified | Promise<Identified> {
    const known = this.#remembered.get(digest)
    if (known !== undefined && known.version === this.#keys.version && Date.now() < known.until) return known.identified
    return this.#verify(token, digest)
  }

  async #verify(token: string, digest: string): Promise<Identified> {
    const { issuer, audiences } = this.#rules
    try {
      const { payload } = await jwtVerify(token, this.#keys.find, {
        issuer,
        ...(audiences.length > 0 && { audience: [...audiences] }),
        algorithms,
        clockTolerance: leewaySeconds
      })
      const identified: Identified = { kind: 'known', caller: callerOf(payload, issuer) }
      this.#remember(digest, identified, payload)
      return identified
    } catch (thrown) {
      return { kind: 'refused', error: refusal(thrown) }
    }
  }

  #remember(digest: string, identified: Identified, { exp = Infinity }: JWTPayload): void {
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    const until = Math.min(Date.now() + rememberedMs, (exp + leewaySeconds) * 1000)
    this.#remembered.set(digest, { identified, version: this.#keys.version, until })
  }
}

const callerOf = (claims: JWTPayload, issuer: string): JwtCaller => ({
  kind: 'jwt',
  issuer,
  subject: typeof claims.sub === 'string' ? claims.sub : '',
  claims
})

/** Says what is wrong with a token, without it. */
function refusal(thrown: unknown): SluiceError {
  if (thrown instanceof NoKeys) {
    return new SluiceError('PIPELINE_NOT_READY', 'the keys that tokens are judged by are not there yet')
  }
  return new SluiceError('UNAUTHENTICATED', `the token is refused: ${reasonOf(thrown)}`)
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof errors.JWTExpired) return 'it has expired'
  if (thrown instanceof errors.JWTClaimValidationFailed) return claimFault(thrown.claim)
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return 'its signature is not that of its key'
  if (thrown instanceof errors.JWKSNoMatchingKey) return 'its issuer has no such key'
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'it must be signed by RS256, ES256 or EdDSA'
  return 'it is neither a token of this gateway nor a valid JWT'
}

function claimFault(claim: string): string {
  if (claim === 'nbf') return 'it is not valid yet'
  if (claim === 'iss') return 'it is of another issuer'
  return claim === 'aud' ? 'it is for another audience' : `its claim '${claim}' is not valid`
}
