import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { exitCodes } from '../exit-codes.ts'
import { bearer, fetchDocument, fetchFromAdmin } from '../fetch-document.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { age } from '../print/age.ts'
import { columnsOf, fitted } from '../print/folded.ts'
import { plainText } from '../print/plain-text.ts'
import { printAnswer } from '../print/print-answer.ts'
import { itemsOf, printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'
import { printRequest } from '../print/print-request.ts'
import { waitingText } from '../print/waiting-text.ts'
import { fail } from '../fail.ts'
import { callGateway } from '../call-gateway.ts'
import { pipelineOf, type RequestName } from './find-request.ts'
import { watchEvents } from './watch-events.ts'

export interface ListRequestsOptions extends AdminOptions {
  readonly pipeline?: string
  readonly status?: string
  readonly after?: string
  readonly limit?: number
  readonly output: OutputFormat
}

export interface RequestOptions extends AdminOptions {
  readonly gateway: string
  readonly token?: string
  readonly output: OutputFormat
}

const columns = ['id', 'pipeline', 'status', 'step', 'age', 'waiting', 'reason']

/** Prints a page of stored requests. */
export async function listRequests({ output, ...options }: ListRequestsOptions): Promise<void> {
  const { pipeline, status, after, limit } = options
  const page = await fetchFromAdmin(options, 'GET', '/requests', { pipeline, status, after, limit })
  await printPage(output === 'table' ? { ...page, items: itemsOf(page).map(asRow) } : page, columns, {
    output,
    none: 'no stored requests'
  })
}

/** The step at which it is, or failed; what it waits for; and why it failed, or why what it waits for failed last. */
function asRow({ waiting, error, ...item }: Fields): Fields {
  const wait = isMapping(waiting) ? waiting : {}
  const cause = isMapping(error) ? error : wait['lastError']
  return {
    ...item,
    pipeline: String(item['pipeline']).replace(/^default\//, ''),
    step: item['step'] ?? (isMapping(error) ? error['step'] : undefined),
    age: age(item['acceptedAt']),
    waiting: wait['reason'],
    reason: isMapping(cause) ? cause['code'] : undefined
  }
}

/** Prints the status document of a request. */
export async function getRequest(request: RequestName, options: RequestOptions): Promise<void> {
  const call = { ...(await callOf(request, options)), method: 'GET' } as const
  await printRequest(await fetchDocument(call), options.output)
}

/** Prints the reply of a request; says how far it is where there is none yet. */
export async function replyOf(request: RequestName, options: RequestOptions): Promise<void> {
  const { url, ...call } = await callOf(request, options)
  const answer = await callGateway({ ...call, url: `${url}/reply`, method: 'GET', data: undefined })
  if (answer.status === 202) fail(`there is no reply yet; 'sluice requests watch ${request.id}' waits for it`)
  else await printAnswer(answer, options.output)
}

/** Cancels the request and prints what it has come to; says so when it was over before. */
export async function cancelRequest(request: RequestName, options: RequestOptions): Promise<void> {
  const document = await fetchDocument({ ...(await callOf(request, options)), method: 'DELETE' })
  await printRequest(document, options.output)
  const { status } = document
  if (status === 'cancelled') return
  process.stderr.write(`nothing was cancelled: the request is finished (${String(status)})\n`)
}

/** How often a request that does not move is asked for what it waits for, in milliseconds. */
const lookMs = 2_000

/** Prints the status document at each change, until the request is finished, or nobody reads; it fails when the request did. */
export async function watchRequest(request: RequestName, options: RequestOptions): Promise<void> {
  const call = await callOf(request, options)
  const tell = (message: string): void => void process.stderr.write(`${message}\n`)
  let last = ''
  const print = (document: Fields): void => {
    const line = changeLine(document)
    if (line !== last)
      process.stdout.write(`${fitted(`${clock()} ${line}`, columnsOf(process.stdout), () => clockWidth)}\n`)
    last = line
  }
  // A hold of the whole pipeline changes nothing of a request, so it is not an event.
  const look = setInterval(() => {
    if (options.output === 'table') void fetchDocument({ ...call, method: 'GET' }).then(print, () => {})
  }, lookMs)
  try {
    for await (const document of watchEvents(`${call.url}/events`, call.headers, tell)) {
      if (!process.stdout.writable) return
      if (document['status'] === 'failed') process.exitCode = exitCodes.failed
      if (options.output === 'table') print(document)
      else if (options.output === 'json') process.stdout.write(`${JSON.stringify(document)}\n`)
      else {
        process.stdout.write('---\n')
        await printRecord(document, 'yaml')
      }
    }
  } finally {
    clearInterval(look)
  }
}

const clock = (): string => new Date().toISOString().slice(11, 23)
const clockWidth = clock().length + 1

/** The present state of a request, in one line. */
function changeLine({ status, step, waiting, error }: Fields): string {
  const details = [typeof step === 'string' ? `at ${step}` : '', waitingText(waiting), errorText(error)]
  return plainText([String(status), ...details].filter(text => text !== '').join(' '))
}

/** In words for a person, and whole for a program. */
function errorText(error: unknown): string {
  if (!isMapping(error)) return ''
  return process.stdout.isTTY ? `${String(error['code'])}: ${String(error['detail'])}` : JSON.stringify(error)
}

/** How the request is reached on the data plane. */
async function callOf(request: RequestName, options: RequestOptions) {
  const { namespace, name } = await pipelineOf(request, options)
  const url = [options.gateway, ...[namespace, name, 'requests', request.id].map(encodeURIComponent)].join('/')
  return { url, headers: bearer(options.token), namedBy: '--gateway' } as const
}
