import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { exitCodes } from '../exit-codes.ts'
import { bearer, fetchDocument, fetchFromAdmin } from '../fetch-document.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { plainText } from '../print/plain-text.ts'
import { itemsOf, printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'
import type { PipelineName } from '../options/read-pipeline-name.ts'
import { watchEvents } from './watch-events.ts'

export interface ListRequestsOptions extends AdminOptions {
  readonly pipeline?: string
  readonly status?: string
  readonly after?: string
  readonly limit?: number
  readonly output: OutputFormat
}

export interface RequestOptions {
  readonly gateway: string
  readonly token?: string
  readonly output: OutputFormat
}

const columns = [
  'id',
  'pipeline',
  'status',
  'step',
  'stage',
  'attempt',
  'deliveries',
  'acceptedAt',
  'finishedAt',
  'waiting'
]

/** Prints a page of stored requests. */
export async function listRequests({ output, ...options }: ListRequestsOptions): Promise<void> {
  const { pipeline, status, after, limit } = options
  const page = await fetchFromAdmin(options, 'GET', '/requests', { pipeline, status, after, limit })
  await printPage(output === 'table' ? { ...page, items: itemsOf(page).map(asRow) } : page, columns, output)
}

/** With what a request in flight does now, what one waits for, and the step at which a failed one ended, in columns of their own. */
function asRow({ waiting, ...item }: Fields): Fields {
  const { inFlight, error } = item
  return {
    ...(isMapping(waiting) && { waiting: waiting['reason'] }),
    ...(isMapping(inFlight) && inFlight),
    ...(isMapping(error) && { step: error['step'] }),
    ...item
  }
}

/** Prints the status document of a request. */
export async function getRequest(pipeline: PipelineName, id: string, options: RequestOptions): Promise<void> {
  const call = { url: requestUrl(pipeline, id, options), headers: bearer(options.token), namedBy: '--gateway' } as const
  await printRecord(await fetchDocument({ ...call, method: 'GET' }), options.output)
}

/** Cancels the request and prints what it has come to; says so when it was over before. */
export async function cancelRequest(pipeline: PipelineName, id: string, options: RequestOptions): Promise<void> {
  const call = { url: requestUrl(pipeline, id, options), headers: bearer(options.token), namedBy: '--gateway' } as const
  const document = await fetchDocument({ ...call, method: 'DELETE' })
  await printRecord(document, options.output)
  const { status } = document
  if (status === 'cancelled') return
  process.stderr.write(`nothing was cancelled: the request is finished (${String(status)})\n`)
}

/** Prints the status document at each change, until the request is finished, or nobody reads; it fails when the request did. */
export async function watchRequest(pipeline: PipelineName, id: string, options: RequestOptions): Promise<void> {
  const url = `${requestUrl(pipeline, id, options)}/events`
  const tell = (message: string): void => void process.stderr.write(`${message}\n`)
  for await (const document of watchEvents(url, bearer(options.token), tell)) {
    if (!process.stdout.writable) return
    if (document['status'] === 'failed') process.exitCode = exitCodes.failed
    if (options.output === 'table') process.stdout.write(changeLine(document))
    else if (options.output === 'json') process.stdout.write(`${JSON.stringify(document)}\n`)
    else {
      process.stdout.write('---\n')
      await printRecord(document, 'yaml')
    }
  }
}

/** Times of day are enough for who watches. */
function changeLine({ status, step, waiting, error }: Fields): string {
  const time = new Date().toISOString().slice(11, 23)
  const details = [
    typeof step === 'string' ? `at ${step}` : '',
    waitingText(waiting),
    error === undefined ? '' : JSON.stringify(error)
  ]
  return plainText(`${[time, String(status), ...details].filter(text => text !== '').join(' ')}\n`)
}

/** `waits for breaker until 12:00:00.000Z: STEP_FAILED: step "a" answered 500`. */
function waitingText(waiting: unknown): string {
  if (!isMapping(waiting)) return ''
  const { reason, until, lastError } = waiting
  const time = typeof until === 'string' ? ` until ${until.slice(11)}` : ''
  const cause = isMapping(lastError) ? `: ${String(lastError['code'])}: ${String(lastError['detail'])}` : ''
  return `waits for ${String(reason)}${time}${cause}`
}

const requestUrl = ({ namespace, name }: PipelineName, id: string, { gateway }: RequestOptions): string =>
  [gateway, ...[namespace, name, 'requests', id].map(encodeURIComponent)].join('/')
