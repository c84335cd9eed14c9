import { fail } from './fail.ts'
import { failureText } from './print/failure-text.ts'

/** Acts on one id after the other, and answers what that gave. An id for which it fails is named; the rest go on. */
export async function forEachId<T>(ids: readonly string[], act: (id: string) => Promise<T>): Promise<readonly T[]> {
  const given: T[] = []
  for (const id of ids) {
    try {
      given.push(await act(id))
    } catch (error) {
      fail(`${id}: ${failureText(error)}`)
    }
  }
  return given
}
