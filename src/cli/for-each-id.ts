import { fail } from './fail.ts'
import { failureText } from './print/failure-text.ts'

/** An id, or something that is shown as one. */
type Id = string | { readonly shown: string }

/** Acts on one id after the other, and answers what that gave. An id for which it fails is named; the rest go on. */
export async function forEachId<I extends Id, T>(ids: readonly I[], act: (id: I) => Promise<T>): Promise<readonly T[]> {
  const given: T[] = []
  for (const id of ids) {
    try {
      given.push(await act(id))
    } catch (error) {
      fail(`${typeof id === 'string' ? id : id.shown}: ${failureText(error)}`)
    }
  }
  return given
}
