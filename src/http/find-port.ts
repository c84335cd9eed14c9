import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/**
 * The port, where several processes are about to listen; a free one for 0. Throws EADDRINUSE when somebody listens there
 * already: those who share a port would not notice.
 */
export async function findPort(host: string, port: number): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return address.port
}
