/** A caller whom the data plane knows by name: that of a token, or issuer and subject of a JWT. */
export type Caller =
  | { readonly kind: 'token'; readonly name: string }
  | { readonly kind: 'jwt'; readonly issuer: string; readonly subject: string }

/** The caller as a part of a key, which no other caller has; all callers without a name are one. */
export function callerKey(caller: Caller | undefined): string {
  if (caller === undefined) return ''
  return JSON.stringify(caller.kind === 'token' ? [caller.name] : [caller.issuer, caller.subject])
}
