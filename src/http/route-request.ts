import type { IncomingMessage } from 'node:http'

/**
 * As much of a Fetch API request as Hono needs to find a route. A whole one, with its answer, would cost each request more
 * than its route does, and handlers read and write Node's own.
 */
export function routeRequest({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): Request {
  const request = {
    method,
    // Routes look at the path alone.
    url: `http://localhost${url}`,
    get headers() {
      return headersOf(rawHeaders)
    }
  }
  return request as Request
}

function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  return headers
}

/** What a handler of ours gives Hono, having written its answer itself. */
export const alreadyAnswered = new Response(null)
