import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Ports of 127.0.0.1 for processes. Two never get the same one, even while neither listens yet. */
export class Ports {
  readonly #taken = new Set<number>()

  /** A port that nobody listens on now: the wanted one if it is free, else another. */
  async take(wanted: number | undefined): Promise<number> {
    // Somebody else may have been given it while this one looked.
    if (wanted !== undefined && (await canListen(wanted)) && !this.#taken.has(wanted)) return this.#keep(wanted)
    let port: number
    do port = await anyPort()
    while (this.#taken.has(port))
    return this.#keep(port)
  }

  release(port: number): void {
    this.#taken.delete(port)
  }

  #keep(port: number): number {
    this.#taken.add(port)
    return port
  }
}

const canListen = (port: number): Promise<boolean> =>
  listenOnce(port).then(
    () => true,
    () => false
  )

const anyPort = (): Promise<number> => listenOnce(0)

/** Listens for a moment, and gives the port. */
async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return address.port
}
