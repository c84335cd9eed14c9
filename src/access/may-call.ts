import { SluiceError } from '../errors.ts'
import type { AccessRule, Plan } from '../pipeline/plan.ts'
import type { Caller } from './caller.ts'

/** Whom a pipeline lets in; `undefined`: everybody whom the data plane does. */
type Access = Plan['access']

/** Whether a pipeline lets the caller in; `undefined`: a caller without a name. */
export function mayCall(access: Access, caller: Caller | undefined): boolean {
  return access === undefined || (caller !== undefined && access.some(rule => matches(rule, caller)))
}

/**
 * Throws UNAUTHENTICATED where a caller whom the pipeline does not let in has shown nothing, and FORBIDDEN where somebody
 * else would have to call.
 */
export function checkAccess(access: Access, caller: Caller | undefined, authorization: string | undefined): void {
  if (mayCall(access, caller)) return
  if (authorization === undefined) {
    throw new SluiceError('UNAUTHENTICATED', 'this pipeline has named callers: send "Authorization: Bearer TOKEN"')
  }
  throw new SluiceError('FORBIDDEN', 'this pipeline does not let this caller in: spec.access names those who may call')
}

function matches(rule: AccessRule, caller: Caller): boolean {
  switch (rule.kind) {
    case 'token':
      return caller.kind === 'token' && caller.name === rule.name
    case 'subject':
      return caller.kind === 'jwt' && caller.subject !== '' && caller.subject === rule.subject
    case 'claim':
      return caller.kind === 'jwt' && claims(caller.claims, rule.claim, rule.value)
  }
}

/** A claim that is a list has each of its entries. */
function claims(all: Readonly<Record<string, unknown>>, name: string, value: string | number | boolean): boolean {
  if (!Object.hasOwn(all, name)) return false
  const claimed = all[name]
  return Array.isArray(claimed) ? claimed.includes(value) : claimed === value
}
