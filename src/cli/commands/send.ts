import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { brokenJson, dataType } from './data-type.ts'
import { callGateway } from '../call-gateway.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { printAnswer } from '../print/print-answer.ts'
import { readInput } from './read-input.ts'
import type { PipelineName } from '../options/read-pipeline-name.ts'
import { sendHeaders, type Header } from './send-headers.ts'

export interface SendOptions {
  readonly data?: string
  readonly type?: string
  readonly contentType?: string
  readonly header?: readonly Header[]
  readonly token?: string
  readonly async?: boolean
  readonly wait?: number
  readonly gateway: string
  readonly output: OutputFormat
}

/** Calls a pipeline and prints its answer. */
export async function send({ namespace, name }: PipelineName, options: SendOptions): Promise<void> {
  const { type, contentType, token, header: given = [] } = options
  const data = options.data === undefined ? undefined : await readInput(options.data)
  const file = fileOf(options.data)
  const named = contentType ?? given.find(([header]) => header.toLowerCase() === 'content-type')?.[1]
  const fault = data === undefined || named !== undefined ? undefined : brokenJson(data, file)
  if (fault !== undefined) {
    fail(
      `the data looks like JSON, but is not: ${fault}; to send it as it is, name its --content-type`,
      exitCodes.usage
    )
    return
  }
  const guessed = data && dataType(data, file)
  const headers = sendHeaders(data, { type, contentType: named ?? guessed, token, prefer: preference(options), given })
  const url = `${options.gateway}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
  const answer = await callGateway({ method: 'POST', url, headers, data, namedBy: '--gateway' })
  const id = answer.headers.get('sluice-request-id')
  // Of a pipeline with a reply destination, too: the id is what all further commands take.
  if (answer.status === 202 && id !== null && options.output === 'table') process.stdout.write(`${id}\n`)
  else await printAnswer(answer, options.output)
}

/** The file that the data comes from. */
const fileOf = (data = ''): string | undefined => (/^@[^-]|^@-./.test(data) ? data.slice(1) : undefined)

/** The `Prefer` header of RFC 7240; empty: the pipeline decides. */
function preference({ async: isAsync = false, wait }: SendOptions): string {
  return [...(isAsync ? ['respond-async'] : []), ...(wait === undefined ? [] : [`wait=${wait}`])].join(', ')
}
