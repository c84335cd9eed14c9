import { errorKinds, type ErrorCode } from '../../src/errors.ts'
import type { RawResponse } from '../helpers/raw-response.ts'
import type { Conversation } from './send-input.ts'

/** The fault of an answer, whatever the gateway was asked; `undefined`: it has none. */
export function judgeConversation({ answers, rest }: Conversation, message: Buffer): string | undefined {
  for (const answer of answers) {
    const fault = judgeAnswer(answer)
    if (fault !== undefined) return fault
  }
  // An answer to HEAD announces a body that does not come, so that nobody knows where the next one begins.
  if (rest.length === 0 || message.includes('HEAD ')) return undefined
  const start = rest.toString('latin1', 0, 9)
  return 'HTTP/1.1 '.startsWith(start) ? undefined : `octets behind an answer: ${JSON.stringify(start)}`
}

function judgeAnswer({ status, text }: RawResponse): string | undefined {
  if (status === 500) return `500: ${text.slice(0, 300)}`
  if (status < 400) return undefined
  const said = parsed(text)
  // The Open Inference Protocol has no codes.
  if (typeof said['error'] === 'string') return undefined
  const code = said['code']
  if (typeof code !== 'string' || !isCode(code)) return `${status} without a code: ${text.slice(0, 300)}`
  return errorKinds[code].status === status ? undefined : `${code} as ${status}`
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code)

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) }
  } catch {
    return {}
  }
}
