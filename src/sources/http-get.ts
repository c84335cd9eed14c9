import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { request, type IncomingMessage } from '../node-http.ts'

/** Asks for a URL once, over a connection of its own. Redirects are not followed. */
export function httpGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  connect: buildConnector.connector,
  signal: AbortSignal
): Promise<IncomingMessage> {
  const { hostname, protocol, host } = url
  const port = url.port === '' ? (protocol === 'https:' ? '443' : '80') : url.port
  return new Promise((resolve, reject) => {
    const asked = request({
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host, connection: 'close' },
      signal,
      createConnection: (_options, created) => {
        connect({ hostname: hostname.replace(/^\[|\]$/g, ''), host, protocol, port }, (error, socket) => {
          if (socket === null) created(error ?? new Error('there is no connection'), nothing)
          else created(null, socket)
        })
        return undefined
      }
    })
    asked.on('response', resolve)
    asked.on('error', reject)
    asked.end()
  })
}

/** Beside an error nobody looks at it. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const nothing = undefined as unknown as Socket
