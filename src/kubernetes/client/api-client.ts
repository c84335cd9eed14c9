import { request, type Dispatcher } from 'undici'
import { Agents } from './agents.ts'
import { apiFailure } from './api-failure.ts'
import type { ClusterAccess } from './access/cluster-access.ts'
import { untilAccepted } from './until-accepted.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface ApiRequest {
  readonly query?: Query
  readonly body?: unknown
  /** Of the body; `application/json` unless given. */
  readonly contentType?: string
  /** Milliseconds until it is given up, 30,000 unless given. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Speaks to one API server. */
export interface ApiClient extends AsyncDisposable {
  readonly server: string
  /** Of the context, or of the pod. */
  readonly namespace: string
  /**
   * The document that it answers; asks again as long as it has too much to do (429). Throws ApiFailure for an answer that is
   * not a success, and what undici throws.
   */
  call<T>(method: Dispatcher.HttpMethod, path: string, options?: ApiRequest): Promise<T>
  /** The lines of an answer that goes on; throws where none comes for `idleMs`. Ends when its reader stops. */
  lines(path: string, query: Query, idleMs: number, signal: AbortSignal): Promise<AsyncIterable<string>>
}

const requestMs = 30_000
const userAgent = 'sluice'
/** A line of a watch is one object, which etcd bounds at 1.5 MiB. */
const maxLineLength = 32 * 2 ** 20

/** Cheap: it connects when it is asked for something. Tokens, keys and CA are those of the moment. */
export function createApiClient(access: ClusterAccess): ApiClient {
  const agents = new Agents(access)
  const dispatch = async (method: Dispatcher.HttpMethod, path: string, options: SendOptions) => {
    const { dispatcher, token } = await orAborted(agents.current(options.streams), options.signal)
    const { contentType = 'application/json', body } = options
    return request(`${access.server}${path}${queryText(options.query)}`, {
      method,
      dispatcher,
      signal: options.signal,
      bodyTimeout: options.idleMs,
      headersTimeout: requestMs,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(body !== undefined && { 'content-type': contentType }),
        ...(token !== undefined && { authorization: `Bearer ${token}` })
      }
    })
  }
  return {
    server: access.server,
    namespace: access.namespace,
    async call<T>(method: Dispatcher.HttpMethod, path: string, options: ApiRequest = {}) {
      const timeout = AbortSignal.timeout(options.timeoutMs ?? requestMs)
      const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal])
      const once = async () =>
        readDocument(await dispatch(method, path, { ...options, signal, idleMs: requestMs, streams: false }))
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller knows which document stands at its path
      return (await untilAccepted(once, signal)) as T
    },
    async lines(path, query, idleMs, signal) {
      const answer = await dispatch('GET', path, { query, signal, idleMs, streams: true })
      if (answer.statusCode >= 300) await readDocument(answer)
      return linesOf(answer.body)
    },
    [Symbol.asyncDispose]: () => agents[Symbol.asyncDispose]()
  }
}

interface SendOptions extends ApiRequest {
  readonly signal: AbortSignal
  readonly idleMs: number
  readonly streams: boolean
}

/** Credentials are shared, so that the end of one call does not end what others wait for. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}

const queryText = (query: Query = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
}

async function readDocument({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<unknown> {
  const text = await body.text()
  const document = parsed(text)
  if (statusCode < 300) return document
  const retryAfter = headers['retry-after']
  throw apiFailure(statusCode, document ?? text, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* linesOf(body: Dispatcher.ResponseData['body']): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body without an encoding gives octets
    rest += decoder.decode(chunk as Uint8Array, { stream: true })
    if (rest.length > maxLineLength)
      throw new RangeError(`a line of the API server is longer than ${maxLineLength} characters`)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
