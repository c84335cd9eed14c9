import type { Fields } from '../../pipeline/spec/rule.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { bearer, fetchFromAdmin } from '../fetch-document.ts'
import { callGateway, type GatewayAnswer } from '../call-gateway.ts'
import { forEachId } from '../for-each-id.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { age } from '../print/age.ts'
import { deadLetterText, fittedLetter } from '../print/dead-letter-text.ts'
import { columnsOf } from '../print/folded.ts'
import { plainText } from '../print/plain-text.ts'
import { itemsOf, printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'
import { problemText } from '../print/problem-text.ts'

export interface ShowOptions extends AdminOptions {
  readonly data?: boolean
  readonly output: OutputFormat
}

/** Which dead letters a command takes. */
export interface FilterOptions extends ShowOptions {
  readonly pipeline?: string
  readonly step?: string
  readonly code?: string
  readonly since?: string
}

export interface ListOptions extends FilterOptions {
  readonly closed?: boolean
  readonly after?: string
  readonly limit?: number
}

export interface ReplayOptions extends FilterOptions {
  readonly all?: boolean
  readonly from: 'step' | 'start'
  readonly rate?: number
  readonly detach?: boolean
}

export interface PurgeOptions extends FilterOptions {
  readonly all?: boolean
  readonly closed?: boolean
}

const columns = ['id', 'pipeline', 'step', 'age', 'reason', 'replayedAs']

/** The parameters of the admin plane for a filter. */
export const filterOf = ({ pipeline, step, code, since }: FilterOptions) => ({ pipeline, step, code, since })

/** Prints a page of dead letters. */
export async function listDeadLetters(options: ListOptions): Promise<void> {
  const { closed, after, limit } = options
  const parameters = { ...filterOf(options), closed, after, limit }
  const page = await fetchFromAdmin(options, 'GET', '/deadletters', parameters)
  const shown = options.output === 'table' ? { ...page, items: rowsOf(page) } : page
  const none = isFiltered(options) ? 'no dead letters like that' : 'no dead letters'
  await printPage(shown, shownColumns(page), { output: options.output, none })
}

const isFiltered = (options: FilterOptions): boolean =>
  Object.values(filterOf(options)).some(value => value !== undefined)

/** Few have been replayed: only then the column is worth its width. */
const shownColumns = (page: Fields): readonly string[] =>
  itemsOf(page).some(({ replayedAs }) => replayedAs !== undefined) ? columns : columns.slice(0, -1)

const rowsOf = (page: Fields): readonly Fields[] =>
  itemsOf(page).map(item => ({
    ...item,
    pipeline: String(item['pipeline']).replace(/^default\//, ''),
    age: age(item['failedAt']),
    reason: item['code']
  }))

/** Prints a dead letter: for people what matters of it, with `data` and for programs all of it. */
export async function showDeadLetter(id: string, { data = false, ...options }: ShowOptions): Promise<void> {
  const letter = await fetchFromAdmin(options, 'GET', pathOf(id))
  if (options.output === 'table' && !data)
    process.stdout.write(fittedLetter(plainText(deadLetterText(letter)), columnsOf(process.stdout)))
  else await printRecord(letter, options.output)
}

/** Removes the dead letters, and prints how many; it fails when one that is named is not there. */
export async function purgeDeadLetters(ids: readonly string[], options: PurgeOptions): Promise<void> {
  const removed = ids.length > 0 ? await removeNamed(ids, options) : await removeMatching(options)
  if (options.output !== 'table') await printRecord({ removed }, options.output)
  else process.stdout.write(`${removed} ${removed === 1 ? 'dead letter' : 'dead letters'} removed\n`)
}

async function removeNamed(ids: readonly string[], options: PurgeOptions): Promise<number> {
  const removed = await forEachId(ids, async id => {
    const answer = await remove(id, options)
    if (answer.status !== 204) throw new Error(problemText(answer))
  })
  return removed.length
}

/** One that is not there any more was removed by somebody else. */
async function removeMatching(options: PurgeOptions): Promise<number> {
  let removed = 0
  for await (const id of matching(options)) {
    const answer = await remove(id, options)
    if (answer.status !== 204 && answer.status !== 404) throw new Error(problemText(answer))
    if (answer.status === 204) removed++
  }
  return removed
}

/** The ids of all dead letters that match, page by page. */
async function* matching({ all = false, closed = all, ...options }: PurgeOptions): AsyncGenerator<string> {
  let after: string | undefined
  do {
    const page = await fetchFromAdmin(options, 'GET', '/deadletters', { ...filterOf(options), closed, after })
    yield* itemsOf(page).map(({ id }) => String(id))
    after = typeof page['next'] === 'string' ? page['next'] : undefined
  } while (after !== undefined)
}

const remove = (id: string, { admin, adminToken }: AdminOptions): Promise<GatewayAnswer> =>
  callGateway({
    method: 'DELETE',
    url: `${admin}${pathOf(id)}`,
    headers: bearer(adminToken),
    data: undefined,
    namedBy: '--admin'
  })

const pathOf = (id: string): string => `/deadletters/${encodeURIComponent(id)}`
