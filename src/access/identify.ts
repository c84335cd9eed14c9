import type { SluiceError } from '../errors.ts'
import type { Caller } from './caller.ts'

/** The caller, by the `Authorization` header. */
export type Identified =
  /** The data plane lets the caller in; `undefined`: a caller without a name. */
  | { readonly kind: 'known'; readonly caller: Caller | undefined }
  | { readonly kind: 'refused'; readonly error: SluiceError }

/** A promise only where keys have to be asked, or a signature verified. */
export type Identify = (authorization: string | undefined) => Identified | Promise<Identified>

const nameless: Identified = { kind: 'known', caller: undefined }

/** Where nothing names callers, everybody is let in, whatever they show. */
export const everybody: Identify = () => nameless
