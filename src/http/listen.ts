import type { Server, ServerOptions, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { errorKinds, SluiceError, toSluiceError } from '../errors.ts'
import { writeAnswer } from './answer.ts'
import { createClientErrors, timedOut } from './client-error.ts'
import { closeAfter, limitRest } from './close-after.ts'
import type { Outgoing } from './connection.ts'
import { Connections, type ConnectionLoss } from './connections.ts'
import { boundHandshakes } from './handshakes.ts'
import { endWith } from './end-with.ts'
import { IncomingRequest } from './incoming-request.ts'
import { BodyMemory } from '../event/body-memory.ts'
import { createServer } from '../node-http.ts'
import { refusalAnswer } from './refusal-answer.ts'
import { requestFault } from './request-fault.ts'
import { alreadyAnswered, answeredLater, routeRequest } from './route-request.ts'
import { usualSlowness, type SlownessLimits } from './slowness.ts'
import type { TlsFiles } from './tls-files.ts'

/** The bindings of our Hono handlers: Node's own request and response. */
export interface NodeBindings {
  readonly Bindings: { readonly incoming: IncomingRequest; readonly outgoing: ServerResponse }
}

/** The routes of a plane: a Hono app has them. */
export interface Routes {
  readonly fetch: (request: Request, env: NodeBindings['Bindings']) => Response | Promise<Response>
}

/** The patience that a plane has with its clients, and how many of them it takes. */
export interface ClientLimits {
  readonly slowness?: SlownessLimits
  /**
   * Connections at once; beyond them the one that was idle longest makes room, and when none is, the new one is
   * refused.
   */
  readonly maxConnections?: number
}

export interface ListenOptions extends ClientLimits {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Other processes of this gateway listen there too. */
  readonly shared?: boolean
  /** How long `dispose` waits for requests in flight before it cuts their connections. */
  readonly graceMs: number
  /** The memory that the bodies of its requests and answers share; without it they are not counted. */
  readonly memory?: BodyMemory
  /** Without it, plain HTTP. */
  readonly tls?: TlsFiles | undefined
  /** Told of connections that the limits cost. */
  readonly lost?: (loss: ConnectionLoss) => void
}

/** A listening server. Disposing stops accepting, lets what is in flight finish, and cuts the rest after the grace. */
export interface Listener extends AsyncDisposable {
  readonly url: string
  /** True since dispose began. */
  readonly closing: boolean
}

const serverOptions = {
  IncomingMessage: IncomingRequest,
  // Longer than the idle timeout of the usual load balancers (60 s), so that they close first.
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  // A body has as long as it takes, as long as it comes: `upload-watch.ts`.
  requestTimeout: 0,
  // Checked by us, so that its absence is answered like every other fault.
  requireHostHeader: false
}
const usualConnections = 8192
const maxHeaders = 256
/** Connections beyond the limit that are told so; a flood of them is closed without a word. */
const toldConnections = 512

export async function listen(app: Routes, options: ListenOptions): Promise<Listener> {
  const { host, graceMs, slowness = usualSlowness, maxConnections: most = usualConnections, lost = () => {} } = options
  const { memory = new BodyMemory(Infinity) } = options
  const state = { closing: false }
  const refuse = createClientErrors(socket => connections.latestOn(socket))
  const connections = new Connections({
    most,
    slowness,
    memory,
    begin: outgoing => begin(app, outgoing, state),
    refuse: (socket, why) => (why === 'slow' ? refuse(timedOut(), socket) : refuseCrowd(socket, most)),
    lost
  })
  const limits = { headersTimeout: slowness.headersMs, connectionsCheckingInterval: slowness.checkMs }
  const arrive = (_incoming: IncomingRequest, outgoing: Outgoing): void => connections.arrive(outgoing)
  const { server, connected, following } = await createAny({ ...serverOptions, ...limits }, arrive, options.tls)
  server.maxConnections = most + toldConnections
  server.maxHeadersCount = maxHeaders
  server.on(connected, (socket: Socket) => connections.add(socket))
  server.on('drop', () => lost('refused'))
  server.on('clientError', refuse)
  // Without a listener Node would reset the connection of a CONNECT without a word; with one, its errors are ours.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy())
    refuse(new Error('CONNECT'), socket)
  })
  server.on('checkExpectation', (_incoming, outgoing) => connections.arrive(outgoing))
  const end = (): void => {
    connections[Symbol.dispose]()
    following?.[Symbol.dispose]()
  }
  await start(server, options).catch((thrown: unknown) => {
    end()
    throw thrown
  })
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    get closing() {
      return state.closing
    },
    async [Symbol.asyncDispose]() {
      if (state.closing) return
      state.closing = true
      await stop(server, graceMs)
      end()
    }
  }
}

type OurServer = Server<typeof IncomingRequest, typeof ServerResponse<IncomingRequest>>

/** A handshake takes no longer, in milliseconds. */
const handshakeTimeout = 10_000

/** A server, and the event by which it tells of a connection that requests can come over. */
async function createAny(
  options: ServerOptions<typeof IncomingRequest, typeof ServerResponse<IncomingRequest>>,
  arrive: (incoming: IncomingRequest, outgoing: Outgoing) => void,
  tls: TlsFiles | undefined
) {
  if (tls === undefined) {
    const server: OurServer = createServer(options, arrive)
    return { server, connected: 'connection', following: undefined } as const
  }
  const { createServer: createTlsServer } = await import('node:https')
  const server = createTlsServer({ ...options, ...tls.options, handshakeTimeout }, arrive)
  boundHandshakes(server)
  return { server, connected: 'secureConnection', following: tls.follow(server) } as const
}

/** Begins a request whose turn it is. */
function begin(app: Routes, outgoing: Outgoing, { closing }: { readonly closing: boolean }): void {
  const { req: incoming } = outgoing
  if (closing) outgoing.setHeader('connection', 'close')
  const fault = requestFault(incoming)
  if (fault === undefined) route(app, incoming, outgoing)
  else refuseRequest(fault, incoming, outgoing)
}

/** Handlers answer every failure themselves: one that comes here is a defect. */
function route(app: Routes, incoming: IncomingRequest, outgoing: ServerResponse): void {
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

function refuseCrowd(socket: Socket, most: number): void {
  const crowded = new SluiceError('OVERLOADED', `there are ${most} connections already, and none of them is idle`)
  endWith(refusalAnswer(crowded), errorKinds.OVERLOADED.title, socket)
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

/**
 * Node keeps serving kept-alive connections after close(), so idle ones are closed again and again until none is left.
 */
async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
