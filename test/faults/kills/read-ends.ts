import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import { ended, statusOf } from '../../helpers/submit.ts'

/** The status of each accepted event, by its number; one that cannot be read is left out. */
export type Ends = ReadonlyMap<number, StatusDocument>

/** The request ids, by the numbers of the events. */
type Accepted = ReadonlyMap<number, string>

interface Reachable {
  readonly url: string
}

const readersAtOnce = 16
const drainMs = 120_000

/** Waits until every accepted request has come to its end, as any caller can see it. */
export function drain(gateway: Reachable, accepted: Accepted): Promise<Ends> {
  return readAll(accepted, id => ended(gateway, id, drainMs))
}

/** The status of the same requests now. */
export function readAgain(gateway: Reachable, accepted: Accepted): Promise<Ends> {
  return readAll(accepted, id => statusOf(gateway, id))
}

/** Reads something about each request; what cannot be read is left out. */
export async function readAll<T>(
  accepted: Accepted,
  read: (id: string) => Promise<T>
): Promise<ReadonlyMap<number, T>> {
  const found = new Map<number, T>()
  const left = accepted.entries()
  const readOn = async (): Promise<void> => {
    for (const [n, id] of left) {
      const document = await read(id).catch(() => undefined)
      if (document !== undefined) found.set(n, document)
    }
  }
  await Promise.all(Array.from({ length: readersAtOnce }, readOn))
  return found
}
