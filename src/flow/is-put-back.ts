import { shouldHold } from '../delivery/should-hold.ts'
import type { SluiceError } from '../errors.ts'
import type { Request } from './request.ts'

/** A stored request waits for the breaker, or for the step to be there; the mover puts it back for that. */
export const isPutBack = (
  result: { readonly kind: string; readonly error?: SluiceError },
  { journal }: Pick<Request, 'journal'>
): boolean => journal !== undefined && result.error !== undefined && shouldHold(result.error)
