import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { writeAnswer } from './answer.ts'
import { answerClientError } from './client-error.ts'
import { problemAnswer } from './problem.ts'
import { requestFault } from './request-fault.ts'

/** What Hono handlers of ours get: Node's own request and response. */
export interface NodeBindings {
  readonly Bindings: HttpBindings
}

export interface ListenOptions {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** How long `dispose` waits for requests in flight before it cuts their connections. */
  readonly graceMs: number
}

/** A listening server. Disposing stops accepting, lets what is in flight finish, and cuts the rest after the grace. */
export interface Listener extends AsyncDisposable {
  readonly url: string
  /** True since dispose began. */
  readonly closing: boolean
}

/** Limits against slow and greedy clients; Node's own defaults wait minutes and check every 30 s. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the idle timeout of the usual load balancers (60 s), so that they close first.
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024
}
const maxConnections = 8192
const maxHeaders = 256

export async function listen(app: Hono<NodeBindings>, { host, port, graceMs }: ListenOptions): Promise<Listener> {
  const state = { closing: false }
  const server = createServer(limits, createRequestHandler(app, state))
  server.maxConnections = maxConnections
  server.maxHeadersCount = maxHeaders
  server.on('clientError', answerClientError)
  // Without a listener Node would reset the connection of a CONNECT without a word.
  server.on('connect', (_request, socket) => answerClientError(new Error('CONNECT'), socket))
  await start(server, host, port)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    get closing() {
      return state.closing
    },
    async [Symbol.asyncDispose]() {
      if (state.closing) return
      state.closing = true
      await stop(server, graceMs)
    }
  }
}

function createRequestHandler(app: Hono<NodeBindings>, state: { readonly closing: boolean }) {
  const handle = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: () => new Response(null, { status: 400 })
  })
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (state.closing) outgoing.setHeader('connection', 'close')
    const fault = requestFault(incoming)
    if (fault === undefined) {
      void handle(incoming, outgoing)
      return
    }
    outgoing.setHeader('connection', 'close')
    writeAnswer(outgoing, problemAnswer(fault, { instance: '/' }))
  }
}

function start(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Node keeps serving kept-alive connections after close(), so idle ones are closed again and again until none is left. */
async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
