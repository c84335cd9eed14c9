import { SluiceError } from '../errors.ts'
import type { Admission } from '../flow/admission.ts'
import type { Acceptance, Accepted } from '../ledger/acceptance.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import type { Mover } from '../mover/mover.ts'

export interface AcceptDeps {
  readonly ledger: Pick<Acceptance, 'accept'>
  readonly mover: Pick<Mover, 'reserve'>
}

/** How a request is let in. */
export interface Acceptor {
  readonly admission: Admission
  /** Its caller waits for the outcome, and is not let into a pipeline that begins nothing. */
  readonly waits: boolean
}

export function acceptRequest(
  request: NewRequest,
  { admission, waits }: Acceptor,
  deps: AcceptDeps
): Promise<Accepted> {
  return admission.isOpen || !waits ? acceptOne(request, deps) : findKnown(request, admission, deps)
}

export async function acceptAll(
  requests: readonly NewRequest[],
  { ledger }: Pick<AcceptDeps, 'ledger'>
): Promise<readonly Accepted[]> {
  const accepted = await ledger.accept(requests)
  accepted.forEach(checkKnown)
  return accepted
}

/** Claimed in the same write when there is room to run it at once. */
function acceptOne(request: NewRequest, { ledger, mover }: AcceptDeps): Promise<Accepted> {
  const reservation = mover.reserve(request.pipeline)
  return ledger.accept([request], reservation?.lease).then(
    ([accepted]) => {
      reservation?.use(accepted?.kind === 'accepted' ? accepted.claimed : undefined)
      if (accepted === undefined) throw new Error('the ledger accepted one request and answered none')
      checkKnown(accepted)
      return accepted
    },
    (thrown: unknown) => {
      reservation?.use(undefined)
      throw thrown
    }
  )
}

/**
 * The request that this one repeats: a pipeline that is paused, or lacks another one, begins nothing for a caller who
 * waits. Throws PAUSED and PIPELINE_NOT_READY.
 */
async function findKnown(request: NewRequest, admission: Admission, { ledger }: AcceptDeps): Promise<Accepted> {
  if (admission.gate === 'gone') throw admission.refusal()
  const [known] = await ledger.accept([{ ...request, maxQueued: 0 }]).catch((thrown: unknown) => {
    throw thrown instanceof SluiceError && thrown.code === 'QUEUE_FULL' ? admission.refusal() : thrown
  })
  if (known?.kind !== 'known') throw admission.refusal()
  checkKnown(known)
  return known
}

function checkKnown(accepted: Accepted): void {
  if (accepted.kind === 'accepted' || accepted.sameFingerprint) return
  // The other request is not named: whoever guessed its key could read its reply.
  throw new SluiceError(
    'IDEMPOTENCY_MISMATCH',
    'the key, or the source and id of the event, came with another body before'
  )
}
