import type { AdminOptions } from './admin-option.ts'
import { bearer, fetchFromAdmin } from './fetch-document.ts'
import { callGateway } from './call-gateway.ts'
import type { OutputFormat } from './output-option.ts'
import { itemsOf, printPage } from './print-page.ts'
import { printRecord } from './print-record.ts'
import { problemText } from './problem-text.ts'

export interface ShowOptions extends AdminOptions {
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

const columns = ['id', 'pipeline', 'step', 'code', 'attempts', 'failedAt', 'replayedAs']

/** The parameters of the admin plane for a filter. */
export const filterOf = ({ pipeline, step, code, since }: FilterOptions) => ({ pipeline, step, code, since })

/** Prints a page of dead letters. */
export async function listDeadLetters(options: ListOptions): Promise<void> {
  const { closed, after, limit } = options
  const parameters = { ...filterOf(options), closed, after, limit }
  await printPage(await fetchFromAdmin(options, 'GET', '/deadletters', parameters), columns, options.output)
}

/** Prints a dead letter with its events. */
export async function showDeadLetter(id: string, options: ShowOptions): Promise<void> {
  await printRecord(await fetchFromAdmin(options, 'GET', pathOf(id)), options.output)
}

/** Removes the dead letters, and prints how many. */
export async function purgeDeadLetters(ids: readonly string[], options: PurgeOptions): Promise<void> {
  let removed = 0
  for await (const id of ids.length > 0 ? ids : matching(options)) if (await remove(id, options)) removed++
  if (options.output !== 'table') await printRecord({ removed }, options.output)
  else process.stdout.write(`${removed} ${removed === 1 ? 'dead letter' : 'dead letters'} removed\n`)
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

/** False: somebody else removed it. */
async function remove(id: string, { admin, adminToken }: AdminOptions): Promise<boolean> {
  const headers = bearer(adminToken)
  const answer = await callGateway({
    method: 'DELETE',
    url: `${admin}${pathOf(id)}`,
    headers,
    data: undefined,
    namedBy: '--admin'
  })
  if (answer.status !== 204 && answer.status !== 404) throw new Error(problemText(answer))
  return answer.status === 204
}

const pathOf = (id: string): string => `/deadletters/${encodeURIComponent(id)}`
