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
  const headers = sendHeaders(data, { type, contentType, token, prefer: preference(options), given })
  const url = `${options.gateway}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
  await printAnswer(await callGateway({ method: 'POST', url, headers, data, namedBy: '--gateway' }), options.output)
}

/** The `Prefer` header of RFC 7240; empty: the pipeline decides. */
function preference({ async: isAsync = false, wait }: SendOptions): string {
  return [...(isAsync ? ['respond-async'] : []), ...(wait === undefined ? [] : [`wait=${wait}`])].join(', ')
}
