import { SluiceError } from '../errors.ts'

/** The refusals that are not the fault of the request: there is no room for it, or the store is away. */
const shedCodes: ReadonlySet<string> = new Set(['QUEUE_FULL', 'STORE_UNAVAILABLE'])

/** Counts what was refused before it was accepted; what fails afterwards is not part of it. */
export const tellShed =
  ({ shed }: { readonly shed: (reason: string) => void }) =>
  (thrown: unknown): never => {
    if (thrown instanceof SluiceError && shedCodes.has(thrown.code)) shed(thrown.code)
    throw thrown
  }
