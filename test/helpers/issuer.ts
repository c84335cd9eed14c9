import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose'
import { startStep, type StepServer } from './step-server.ts'

export interface Issuer extends AsyncDisposable {
  readonly url: string
  readonly server: StepServer
  /** The public half of the key that signs now. */
  readonly publicKey: JWK
  /** A token of an honest caller, unless it is said otherwise. */
  sign(claims?: JWTPayload, header?: { readonly alg?: string; readonly kid?: string }): Promise<string>
  /** Signs with another key from now on, and no longer shows the one before. */
  rotate(alg?: string): Promise<void>
  /** While it is away, it answers 503. */
  away: boolean
}

export const audience = 'models'

/** Somebody who gives JWTs, and shows the keys that verify them. */
export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  let made = 0
  const create = async (alg: string) => {
    const pair = await generateKeyPair(alg, { extractable: true })
    const kid = `key-${++made}`
    return { alg, kid, privateKey: pair.privateKey, publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg } }
  }
  const state = { key: await create(alg), away: false }
  const server = await startStep(() =>
    state.away
      ? 503
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ keys: [state.key.publicKey] }) }
  )
  return {
    url: server.url,
    server,
    get publicKey() {
      return state.key.publicKey
    },
    sign(claims = {}, header = {}) {
      const { alg, kid, privateKey } = state.key
      const now = Math.floor(Date.now() / 1000)
      const payload = { iss: server.url, aud: audience, sub: 'ann', iat: now, exp: now + 300, ...claims }
      return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
    },
    async rotate(alg = state.key.alg) {
      state.key = await create(alg)
    },
    get away() {
      return state.away
    },
    set away(away) {
      state.away = away
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}
