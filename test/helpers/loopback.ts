import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Lets the server listen on a free port of 127.0.0.1, and gives the port. */
export async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}

/** A port of 127.0.0.1 on which nothing listens: to be refused there, or to give to a server that wants a number. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenOnLoopback(server)
  server.close()
  await once(server, 'close')
  return port
}
