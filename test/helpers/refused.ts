import { once } from 'node:events'
import { connect } from 'node:net'
import { waitFor } from './wait-for.ts'

/**
 * When nobody listens there any more. A connection that is reset does not count: of several processes that share a
 * port, one has stopped then.
 */
export const refused = (url: string) => waitFor(() => isRefused(url), { what: `the end of ${url}` })

async function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
