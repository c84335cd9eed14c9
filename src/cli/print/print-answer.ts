import type { GatewayAnswer } from '../call-gateway.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { jsonBody } from '../json-body.ts'
import { printDocument } from './print-document.ts'
import { problemText } from './problem-text.ts'

/** Prints what the gateway answered, and sets the exit code to whether it went well. */
export async function printAnswer(answer: GatewayAnswer, output: OutputFormat): Promise<void> {
  const ok = answer.status >= 200 && answer.status < 300
  if (output !== 'table') {
    await printDocument(
      {
        status: answer.status,
        headers: shownHeaders(answer.headers),
        body: jsonBody(answer) ?? answer.body.toString()
      },
      output
    )
    if (!ok) process.exitCode = exitCodes.failed
  } else if (!ok) fail(problemText(answer))
  else if (answer.headers.get('sluice-outcome') === 'filtered') {
    process.stderr.write(`filtered by step ${answer.headers.get('sluice-step') ?? ''}\n`)
  } else printBody(answer)
}

/** To the byte, except on a terminal, where JSON is indented and a line ends. */
function printBody(answer: GatewayAnswer): void {
  if (!process.stdout.isTTY) {
    process.stdout.write(answer.body)
    return
  }
  const value = jsonBody(answer)
  process.stdout.write(`${value === undefined ? answer.body.toString() : JSON.stringify(value, null, 2)}\n`)
}

const shown = /^(content-type|location|retry-after|preference-applied|server-timing|ce-.*|sluice-.*)$/

const shownHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => shown.test(name)))
