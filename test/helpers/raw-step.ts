import { createServer, type Socket } from 'node:net'
import { readHttpBody, readHttpHead } from './http-message.ts'
import { listenOnLoopback } from './loopback.ts'
import { waitFor } from './wait-for.ts'

/** Does to the caller what a broken or hostile model would, once the whole request has come. */
export type RawAnswer = (socket: Socket, request: Buffer) => void

export interface RawStep extends AsyncDisposable {
  readonly url: string
  /** Each request to the byte. */
  readonly requests: readonly Buffer[]
  /** How many connections were opened so far. */
  readonly connections: number
  waitForRequests(count: number): Promise<readonly Buffer[]>
}

/** A step that writes what it likes to the socket: the answers in turn, and the last one again and again. */
export async function startRawStep(...script: readonly [RawAnswer, ...RawAnswer[]]): Promise<RawStep> {
  const requests: Buffer[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(socket => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    onEachRequest(socket, request => script[Math.min(requests.push(request), script.length) - 1]?.(socket, request))
  })
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    waitForRequests: count =>
      waitFor(() => requests.length >= count && requests.slice(0, count), { what: `request ${count} at the raw step` }),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

function onEachRequest(socket: Socket, answer: (request: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    for (let length; (length = requestLength(received)) !== undefined; received = received.subarray(length)) {
      answer(received.subarray(0, length))
    }
  })
  // A caller that hangs up on a hostile step does what it should.
  socket.on('error', () => socket.destroy())
}

/** `undefined` while some of the first request is missing. */
function requestLength(bytes: Buffer): number | undefined {
  const head = readHttpHead(bytes)
  if (head === undefined) return undefined
  const body = readHttpBody(bytes.subarray(head.length), head.headers)
  if (body === 'incomplete') return undefined
  return head.length + (body === 'unframed' ? 0 : body.length)
}
