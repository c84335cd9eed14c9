import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Agent, request, type Dispatcher } from 'undici'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { adminToken, kubeconfigText } from './control-plane.ts'

/** Stands in front of a real API server, and can have too much to do in its place. */
export interface BusyProxy extends AsyncDisposable {
  readonly kubeconfig: string
  /** Answers 429 to everything from now on, and breaks off all watches. */
  beBusy(retryAfterSeconds: number | undefined): void
  /** Lets everything through again. */
  beCalm(): void
  /** `METHOD /path` of what was refused since it became busy, with `?watch` where it was one. */
  readonly refused: readonly string[]
}

const refusal = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'too many requests, please try again later',
  reason: 'TooManyRequests',
  code: 429
})

export async function startBusyProxy({ url, ca }: { readonly url: string; readonly ca: string }): Promise<BusyProxy> {
  await using opening = new AsyncDisposableStack()
  const folder = opening.use(await createTempFolder())
  const dispatcher = new Agent({ connect: { ca }, bodyTimeout: 0, headersTimeout: 0 })
  opening.defer(() => dispatcher.destroy())
  const state = { busy: false, retryAfter: undefined as number | undefined, refused: [] as string[] }
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (!state.busy) return pass(`${url}${incoming.url}`, { incoming, outgoing, dispatcher })
    const { pathname, searchParams } = new URL(incoming.url ?? '', url)
    state.refused.push(`${incoming.method} ${pathname}${searchParams.has('watch') ? '?watch' : ''}`)
    if (state.retryAfter !== undefined) outgoing.setHeader('retry-after', state.retryAfter)
    outgoing.writeHead(429, { 'content-type': 'application/json' })
    outgoing.end(refusal)
    return Promise.resolve()
  }
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opening.defer(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  await folder.write('ca.crt', ca)
  const kubeconfig = await folder.write('config', kubeconfigText(`http://127.0.0.1:${port}`, { token: adminToken }))
  const owned = opening.move()
  return {
    kubeconfig,
    beBusy(retryAfter) {
      Object.assign(state, { busy: true, retryAfter, refused: [] })
      server.closeAllConnections()
    },
    beCalm() {
      state.busy = false
    },
    get refused() {
      return state.refused
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function pass(
  target: string,
  {
    incoming,
    outgoing,
    dispatcher
  }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse; readonly dispatcher: Dispatcher }
): Promise<void> {
  const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...headers } = incoming.headers
  const ending = new AbortController()
  outgoing.on('close', () => ending.abort())
  const { method = 'GET' } = incoming
  const answer = await request(target, {
    method,
    headers,
    dispatcher,
    signal: ending.signal,
    ...(method !== 'GET' && { body: incoming })
  })
  outgoing.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) })
  outgoing.flushHeaders()
  await pipeline(answer.body, outgoing)
}
