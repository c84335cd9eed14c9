import type { IncomingMessage } from 'node:http'

/**
 * As much of a Fetch API request as Hono needs to find a route. A whole one, with its answer, would cost each request
 * more than its route does, and handlers read and write Node's own.
 */
export const routeRequest = (incoming: IncomingMessage): Request => new RouteRequest(incoming) as unknown as Request

/**
 * A class, since a literal with a getter gets a hidden class of its own each time, which lives until a full collection.
 */
class RouteRequest {
  readonly method: string
  /** Routes look at the path alone. */
  readonly url: string
  readonly #rawHeaders: readonly string[]

  constructor({ method = 'GET', url = '/', rawHeaders }: IncomingMessage) {
    this.method = method
    this.url = `http://localhost${url}`
    this.#rawHeaders = rawHeaders
  }

  get headers(): Headers {
    return headersOf(this.#rawHeaders)
  }
}

function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  return headers
}

/**
 * Marks in place of answers, which Hono hands on as they are. A `Response` would have Node load all of its own fetch at
 * each start, for nothing.
 */
const mark = (): Response => Object.freeze({}) as Response

/** The value that a handler of ours gives Hono, having written its answer itself. */
export const alreadyAnswered = mark()

/**
 * The value that a handler gives Hono when it writes its answer later, and then sees to the rest of the request: a
 * promise would be wrapped by everybody on its way, in each request.
 */
export const answeredLater = mark()
