import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What travels: a JSON object with a text, whatever else is in it. */
export interface Comment {
  readonly text: string
}

/** An answer as JSON; `undefined`: nothing is passed on. */
export type Step = (comment: Comment) => object | undefined

const maxBodyBytes = 1024 * 1024

class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Serves the step at PORT until SIGTERM: POST a comment, or GET /healthz. */
export function serve(step: Step): void {
  const server = createServer((request, response) => {
    answer(step, request, response).catch((error: unknown) => refuse(response, error))
  })
  server.listen(Number(process.env['PORT'] ?? 3000), process.env['HOST'] ?? '127.0.0.1')
  process.once('SIGTERM', () => server.close())
}

async function answer(step: Step, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET' && request.url === '/healthz') return send(response, 200, { status: 'ok' })
  if (request.method !== 'POST') throw new Refusal(405, 'POST a comment here')
  const result = step(readComment(await readBody(request)))
  if (result === undefined) response.writeHead(204).end()
  else send(response, 200, result)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new Refusal(413, `the body is larger than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function readComment(body: string): Comment {
  let comment: unknown
  try {
    comment = JSON.parse(body)
  } catch {
    throw new Refusal(400, 'the body is not JSON; send {"text": "..."}')
  }
  if (!isComment(comment)) throw new Refusal(400, '"text" has to be a string; send {"text": "..."}')
  return comment
}

const isComment = (value: unknown): value is Comment =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal) return send(response, error.status, { error: error.message })
  console.error(error)
  send(response, 500, { error: 'the step failed; its log has the cause' })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
