import { encodeName } from './key-name.ts'
import { readEntry } from './read-fields.ts'
import { readList, readText } from './read-reply.ts'

type Entry = ReturnType<typeof readEntry>

/** Asks a script that lists page by page until there are as many entries as wanted, or no more. */
export async function readPages(
  after: string | undefined,
  limit: number,
  readPage: (after: string, limit: number) => Promise<unknown>
): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  let from = after === undefined ? '' : encodeName(after)
  do {
    const [next, ...page] = readList(await readPage(from, limit - entries.length))
    entries.push(...page.map(readEntry))
    from = readText(next)
  } while (from !== '' && entries.length < limit)
  return entries
}
