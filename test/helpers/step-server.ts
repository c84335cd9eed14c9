import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse
} from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { listenOnLoopback } from './loopback.ts'
import { waitFor } from './wait-for.ts'

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** When the whole request had come, by `performance.now()`. */
  readonly at: number
  /** Aborts when the caller goes away before it has the whole answer. */
  readonly signal: AbortSignal
}

export interface StepAnswer {
  readonly status?: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>
}

/** A status without a body, an answer, or a function that gives one (at once, or when the test lets it). */
export type ScriptedAnswer =
  number | StepAnswer | ((request: RecordedRequest) => number | StepAnswer | Promise<number | StepAnswer>)

export interface StepServer extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  /** How many connections were opened so far. */
  readonly connections: number
  /** The first `count` requests, as soon as they have come. */
  waitForRequests(count: number): Promise<readonly RecordedRequest[]>
}

/** A model endpoint that gives the answers in turn, and the last one again and again. */
export async function startStep(...script: readonly [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<StepServer> {
  const requests: RecordedRequest[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    recordRequest(incoming, response)
      .then(request => answer(script[Math.min(requests.push(request), script.length) - 1] ?? 500, request, response))
      .catch((error: unknown) => failVisibly(response, error))
  })
  server.on('connection', () => connections++)
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    waitForRequests: count =>
      waitFor(() => requests.length >= count && requests.slice(0, count), { what: `request ${count} at the step` }),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
  }
}

async function recordRequest(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const gone = new AbortController()
  response.on('close', () => response.writableFinished || gone.abort())
  const { method = '', url = '', headers, rawHeaders } = incoming
  const body = await buffer(incoming)
  return { method, url, headers, rawHeaders, body, at: performance.now(), signal: gone.signal }
}

async function answer(scripted: ScriptedAnswer, request: RecordedRequest, response: ServerResponse): Promise<void> {
  const given = typeof scripted === 'function' ? await scripted(request) : scripted
  const { status = 200, headers = {}, body = '' } = typeof given === 'number' ? { status: given } : given
  response.writeHead(status, headers)
  if (typeof body === 'string' || body instanceof Uint8Array) response.end(body)
  else await pipeline(Readable.from(body), response)
}

/** A caller that hung up is no fault of the script; anything else shows in the answer. */
function failVisibly(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) response.destroy()
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(`the script of this step failed: ${String(error)}`)
}
