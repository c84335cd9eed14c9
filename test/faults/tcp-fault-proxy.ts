import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { listenOnLoopback } from '../helpers/loopback.ts'

/** How the network between client and server behaves. */
export type Network =
  | { readonly kind: 'healthy' }
  /** Each piece of data arrives that much later, in either direction. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Connections stay open, and what is sent in either direction never arrives. */
  | { readonly kind: 'mute' }
  /** All connections are reset again and again. */
  | { readonly kind: 'cut'; readonly everyMs: number }

export interface TcpFaultProxy extends AsyncDisposable {
  readonly port: number
  /** Connections that were opened so far. */
  readonly connections: number
  /**
   * From now on, for the connections that there are and for new ones. What was swallowed stays lost, and what is sent
   * behind it: TCP delivers nothing behind a gap.
   */
  behave(network: Network): void
}

/** Stands between a client and the server of the port, and is the network that a test wants. */
export async function startTcpFaultProxy(serverPort: number): Promise<TcpFaultProxy> {
  let network: Network = { kind: 'healthy' }
  let connections = 0
  let cutting: NodeJS.Timeout | undefined
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.setNoDelay(true))
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const proxy = createServer(client => {
    connections++
    const server = connect(serverPort, '127.0.0.1')
    carry(keep(client), keep(server), () => network)
    carry(server, client, () => network)
  })
  const cutAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: await listenOnLoopback(proxy),
    get connections() {
      return connections
    },
    behave(next) {
      network = next
      clearInterval(cutting)
      cutting = next.kind === 'cut' ? setInterval(cutAll, next.everyMs) : undefined
    },
    async [Symbol.asyncDispose]() {
      clearInterval(cutting)
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await once(proxy, 'close')
    }
  }
}

/** Data and the end of it, from one to the other, as the network allows; what is sent later never arrives before. */
function carry(from: Socket, to: Socket, network: () => Network): void {
  let arrivals = Promise.resolve()
  let lost = false
  const arrive = (action: () => void): void => {
    const now = network()
    lost ||= now.kind === 'mute'
    if (lost) return
    const dueAt = performance.now() + (now.kind === 'slow' ? now.delayMs : 0)
    arrivals = arrivals.then(() => until(dueAt)).then(action)
  }
  from.on('data', data => arrive(() => void (to.writable && to.write(data))))
  from.on('end', () => arrive(() => void to.end()))
  // A reset is passed on at once: a connection that is half there would be a fault of the proxy.
  from.on('close', hadError => hadError && to.destroy())
}

async function until(dueAt: number): Promise<void> {
  const waitMs = dueAt - performance.now()
  if (waitMs > 0) await delay(waitMs)
}
