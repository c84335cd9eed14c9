import { isMapping, type Fields } from '../pipeline/spec/rule.ts'
import { unreachable } from './call-gateway.ts'
import { problemText } from './problem-text.ts'

/** The documents of a server-sent event stream as they come, until the gateway ends it. Throws the problem otherwise. */
export async function* watchEvents(url: string, headers: Headers): AsyncGenerator<Fields> {
  const response = await open(url, headers)
  let rest = ''
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = `${rest}${text}`.split('\n\n')
    rest = events.pop() ?? ''
    yield* events.flatMap(documentOf)
  }
}

async function open(url: string, headers: Headers): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { headers, redirect: 'manual' })
  } catch (cause) {
    throw unreachable(url, '--gateway', cause)
  }
  const { status } = response
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) return response
  const body = Buffer.from(await response.arrayBuffer())
  throw new Error(problemText({ url, status, headers: response.headers, body }))
}

/** The gateway writes its documents in one line; comments have none. */
function documentOf(event: string): Fields[] {
  const data = /^data: (.*)$/m.exec(event)?.[1]
  const document: unknown = data === undefined ? undefined : JSON.parse(data)
  return isMapping(document) ? [document] : []
}
