import type { StatusDocument } from '../../src/ledger/status-document.ts'
import { ended, statusOf } from '../helpers/submit.ts'
import type { Accounts } from './callers.ts'

/** What is known of each accepted event, by its number; one that cannot be read is left out. */
export type Ends = ReadonlyMap<number, StatusDocument>

interface Reachable {
  readonly url: string
}

const readersAtOnce = 16
const drainMs = 120_000

/** Waits until every accepted request has come to its end, as any caller can see it. */
export function drain(gateway: Reachable, { accepted }: Accounts): Promise<Ends> {
  return readAll(accepted, id => ended(gateway, id, drainMs))
}

/** What is known of the same requests now. */
export function readAgain(gateway: Reachable, { accepted }: Accounts): Promise<Ends> {
  return readAll(accepted, id => statusOf(gateway, id))
}

async function readAll(
  accepted: ReadonlyMap<number, string>,
  read: (id: string) => Promise<StatusDocument>
): Promise<Ends> {
  const ends = new Map<number, StatusDocument>()
  const left = accepted.entries()
  const readOn = async (): Promise<void> => {
    for (const [n, id] of left) {
      const document = await read(id).catch(() => undefined)
      if (document !== undefined) ends.set(n, document)
    }
  }
  await Promise.all(Array.from({ length: readersAtOnce }, readOn))
  return ends
}
