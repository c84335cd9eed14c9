import type { AccessRule } from './plan.ts'
import type { AccessSpec } from './spec/access-spec.ts'

/** Whom a pipeline lets in; `undefined`: everybody whom the data plane does. */
export const compileAccess = (spec: AccessSpec | undefined): readonly AccessRule[] | undefined =>
  spec?.allow.map(({ subject, claim, value, tokenName }): AccessRule => {
    if (subject !== undefined) return { kind: 'subject', subject }
    if (tokenName !== undefined) return { kind: 'token', name: tokenName }
    if (claim === undefined || value === undefined) throw new TypeError('an entry of allow names somebody')
    return { kind: 'claim', claim, value }
  })
