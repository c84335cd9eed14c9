import { isErrorCode, SluiceError } from '../errors.ts'
import type { BranchEnd } from '../flow/mark.ts'
import type { Cause } from '../ledger/record/cause.ts'
import type { PlaceEnd } from '../ledger/record/mark.ts'

/** How a branch ended, as the ledger keeps it. */
export function placeEnd(end: BranchEnd): PlaceEnd {
  if (end.kind !== 'failed') return end
  return { kind: 'failed', at: end.at, cause: causeOf(end.error) }
}

/** How a branch ended, as the flow knows it. */
export function branchEnd(end: PlaceEnd): BranchEnd {
  if (end.kind !== 'failed') return end
  return { kind: 'failed', at: end.at, error: errorOf(end.cause) }
}

/** The failure again, as far as it was kept. */
function errorOf({
  code,
  message,
  step,
  path,
  attempts,
  upstreamStatus,
  upstreamBody,
  failures,
  faults
}: Cause): SluiceError {
  const facts = {
    attempts,
    ...(step !== undefined && { step }),
    ...(path !== undefined && { path }),
    ...(upstreamStatus !== undefined && { upstreamStatus }),
    ...(upstreamBody !== undefined && { upstreamBody }),
    ...(failures !== undefined && { failures }),
    ...(faults !== undefined && { faults })
  }
  return new SluiceError(isErrorCode(code) ? code : 'INTERNAL', message, { facts })
}

/** A failure, as the ledger keeps it. */
export const causeOf = ({ code, message, facts }: SluiceError): Cause => ({
  code,
  message,
  step: facts.step,
  path: facts.path,
  attempts: facts.attempts ?? 0,
  upstreamStatus: facts.upstreamStatus,
  upstreamBody: facts.upstreamBody,
  deliveries: facts.deliveries,
  ...(facts.failures !== undefined && { failures: facts.failures }),
  ...(facts.faults !== undefined && { faults: facts.faults.filter(fault => typeof fault !== 'string') })
})
