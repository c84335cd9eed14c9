import { styleText } from 'node:util'
import { isMapping } from '../../pipeline/spec/rule.ts'
import type { GatewayAnswer } from '../call-gateway.ts'
import { jsonBody } from '../json-body.ts'
import { columnsOf, fitted, indentOf } from './folded.ts'
import { plainText } from './plain-text.ts'

const maxQuote = 500

/** Facts of a problem document in the order in which a person wants them. */
const facts = {
  pipeline: 'pipeline',
  step: 'step',
  attempts: 'attempts',
  upstreamStatus: 'status of the step',
  upstreamBody: 'answer of the step',
  requestId: 'request id',
  traceId: 'trace id'
} as const

/** An answer that is not a success, for a person: a problem document in lines, anything else quoted. */
export function problemText(answer: GatewayAnswer): string {
  const problem = jsonBody(answer)
  if (!isMapping(problem) || typeof problem['title'] !== 'string') return quoted(answer)
  const lines = [title(`${words(problem['title'])} (${answer.status} ${words(problem['code'])})`)]
  const faults: readonly unknown[] = Array.isArray(problem['faults']) ? problem['faults'] : []
  const detail = problem['detail']
  // The detail may be the faults in one line.
  if (detail !== undefined && detail !== faults.map(words).join('; ')) lines.push(`  ${words(detail)}`)
  for (const fault of faults) lines.push(`  - ${words(fault)}`)
  for (const [field, label] of Object.entries(facts)) {
    if (problem[field] !== undefined) lines.push(`  ${label}: ${words(problem[field])}`)
  }
  const retryAfter = answer.headers.get('retry-after')
  if (retryAfter !== null) lines.push(`  try again after: ${retryAfter} s`)
  return fitted(lines.join('\n'), columnsOf(process.stderr), line => indentOf(line) + 2)
}

function quoted({ url, status, body }: GatewayAnswer): string {
  const start = plainText(body.toString().slice(0, maxQuote))
  return `${title(`${url} answered ${status}`)}${start === '' ? '' : `\n${start}`}`
}

const words = (value: unknown): string => plainText(typeof value === 'string' ? value : JSON.stringify(value))

const title = (text: string): string =>
  process.stderr.isTTY ? styleText('red', text, { stream: process.stderr }) : text
