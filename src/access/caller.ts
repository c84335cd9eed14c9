/** A caller whom the data plane knows by name: that of a token, or issuer and subject of a JWT. */
export type Caller = TokenCaller | JwtCaller

export interface TokenCaller {
  readonly kind: 'token'
  readonly name: string
}

export interface JwtCaller {
  readonly kind: 'jwt'
  readonly issuer: string
  /** Empty: the token names none. */
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** The caller as a part of a key, which no other caller has; all callers without a name are one. */
export function callerKey(caller: TokenCaller | Omit<JwtCaller, 'claims'> | undefined): string {
  if (caller === undefined) return ''
  return JSON.stringify(caller.kind === 'token' ? [caller.name] : [caller.issuer, caller.subject])
}
