import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { SluiceError, toSluiceError } from '../errors.ts'
import { writeAnswer } from './answer.ts'
import { createClientErrors, type ClientErrors } from './client-error.ts'
import { closeAfter, limitRest } from './close-after.ts'
import { IncomingRequest } from './incoming-request.ts'
import { refusalAnswer } from './refusal-answer.ts'
import { requestFault } from './request-fault.ts'
import { alreadyAnswered, answeredLater, routeRequest } from './route-request.ts'

/** What Hono handlers of ours get: Node's own request and response. */
export interface NodeBindings {
  readonly Bindings: { readonly incoming: IncomingRequest; readonly outgoing: ServerResponse }
}

export interface ListenOptions {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Other processes of this gateway listen there too. */
  readonly shared?: boolean
  /** How long `dispose` waits for requests in flight before it cuts their connections. */
  readonly graceMs: number
  readonly slowness?: SlownessLimits
}

/** How slow a client may be, in milliseconds. */
export interface SlownessLimits {
  readonly headersTimeout: number
  /** Body included. */
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
}

/** A listening server. Disposing stops accepting, lets what is in flight finish, and cuts the rest after the grace. */
export interface Listener extends AsyncDisposable {
  readonly url: string
  /** True since dispose began. */
  readonly closing: boolean
}

/** Node's own limits wait minutes and are checked every 30 s. */
const defaultSlowness: SlownessLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000
}
const serverOptions = {
  IncomingMessage: IncomingRequest,
  // Longer than the idle timeout of the usual load balancers (60 s), so that they close first.
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  // Checked by us, so that its absence is answered like every other fault.
  requireHostHeader: false
}
const maxConnections = 8192
const maxHeaders = 256

export async function listen(app: Hono<NodeBindings>, options: ListenOptions): Promise<Listener> {
  const { host, graceMs, slowness = defaultSlowness } = options
  const state = { closing: false }
  const clientErrors = createClientErrors()
  const server = createServer({ ...serverOptions, ...slowness }, createRequestHandler(app, state, clientErrors))
  server.maxConnections = maxConnections
  server.maxHeadersCount = maxHeaders
  server.on('clientError', clientErrors.refuse)
  // Without a listener Node would reset the connection of a CONNECT without a word; with one, its errors are ours.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy())
    clientErrors.refuse(new Error('CONNECT'), socket)
  })
  server.on('checkExpectation', (incoming, outgoing) => {
    refuseRequest(
      new SluiceError('INVALID_REQUEST', 'the only expectation that is met is 100-continue'),
      incoming,
      outgoing
    )
  })
  await start(server, options)
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

function createRequestHandler(app: Hono<NodeBindings>, state: { readonly closing: boolean }, errors: ClientErrors) {
  return (incoming: IncomingRequest, outgoing: ServerResponse): void => {
    errors.began(outgoing)
    if (state.closing) outgoing.setHeader('connection', 'close')
    const fault = requestFault(incoming)
    if (fault === undefined) route(app, incoming, outgoing)
    else refuseRequest(fault, incoming, outgoing)
  }
}

/** Handlers answer every failure themselves: one that comes here is a defect. */
function route(app: Hono<NodeBindings>, incoming: IncomingRequest, outgoing: ServerResponse): void {
  const refuse = (thrown: unknown): void => refuseRequest(toSluiceError(thrown), incoming, outgoing)
  const end = (answer: Response): void => {
    if (answer === answeredLater) return
    if (answer !== alreadyAnswered && !outgoing.headersSent)
      throw new Error('a handler left a request without an answer')
    if (!incoming.complete) limitRest(incoming)
  }
  try {
    const answer = app.fetch(routeRequest(incoming), { incoming, outgoing })
    if (answer instanceof Promise) answer.then(end).catch(refuse)
    else end(answer)
  } catch (thrown) {
    refuse(thrown)
  }
}

function refuseRequest(fault: SluiceError, incoming: IncomingRequest, outgoing: ServerResponse): void {
  closeAfter(incoming, outgoing)
  writeAnswer(outgoing, refusalAnswer(fault))
}

/** Here the kernel spreads connections over those who listen; elsewhere `node:cluster` has them share one socket. */
const canReusePort = process.platform === 'linux'

function start(server: Server, { host, port, shared = false }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, reusePort: shared && canReusePort }, () => {
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
