import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '../helpers/loopback.ts'

export interface MuteProxy extends AsyncDisposable {
  readonly port: number
  /** From now on nothing more comes from the server on the connections whose client has sent this text. */
  mute(text: string): void
}

/** Stands between client and server, and can fall silent without closing a connection, as a broken network does. */
export async function startMuteProxy(serverPort: number): Promise<MuteProxy> {
  const pairs: { readonly client: Socket; readonly server: Socket; sent: string }[] = []
  const proxy = createServer(client => {
    const pair = { client, server: connect(serverPort, '127.0.0.1'), sent: '' }
    pairs.push(pair)
    client.on('data', data => (pair.sent += data.toString('latin1')))
    client.pipe(pair.server).pipe(client)
    for (const socket of [client, pair.server]) socket.on('error', () => {})
    client.on('close', () => pair.server.destroy())
    pair.server.on('close', () => client.destroy())
  })
  return {
    port: await listenOnLoopback(proxy),
    mute(text) {
      for (const { client, server } of pairs.filter(({ sent }) => sent.includes(text))) {
        server.unpipe(client)
        server.resume()
      }
    },
    async [Symbol.asyncDispose]() {
      proxy.close()
      for (const { client } of pairs) client.destroy()
      await once(proxy, 'close')
    }
  }
}
