import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Where ports are looked for: below those that systems hand out by themselves (32768 and up on Linux), so that no
 * outgoing connection takes the port before it is listened on, or while those who share it are started again.
 */
const [firstPort, endPort] = [16_384, 32_768]
const maxAttempts = 100

/**
 * The port, where several processes are about to listen; a free one for 0. Throws EADDRINUSE when somebody listens
 * there already: those who share a port would not notice.
 */
export async function findPort(host: string, port: number): Promise<number> {
  if (port !== 0) return checked(host, port)
  for (let attempt = 1; ; attempt++) {
    try {
      return await checked(host, randomInt(firstPort, endPort))
    } catch (thrown) {
      if (!isInUse(thrown) || attempt === maxAttempts) throw thrown
    }
  }
}

async function checked(host: string, port: number): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
  return port
}

const isInUse = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE'
