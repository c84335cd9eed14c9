import { buildConnector, Client, type Dispatcher } from 'undici'
import { expect, it, vi } from 'vitest'
import * as parts from '../../src/delivery/undici-parts.ts'
import { bytes } from '../helpers/hostile-answers.ts'
import { startRawStep } from '../helpers/raw-step.ts'
import { startStep } from '../helpers/step-server.ts'

/** A handler that tells when its exchange is over, and what it was told. */
function createHandler() {
  const told: string[] = []
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => void told.push('start'),
    onResponseStart: (_controller, status) => void told.push(String(status)),
    onResponseData: () => void told.push('data'),
    onResponseEnd: () => {
      told.push('end')
      resolve()
    },
    onResponseError: (_controller, error) => {
      told.push(error.message)
      resolve()
    }
  }
  return { handler, told, over }
}

// `delivery/undici-parts.ts` loads them by their files, without the rest of the package.
it('its parts are those of the package', () => {
  expect([parts.Client, parts.buildConnector]).toEqual([Client, buildConnector])
})

// `delivery/clients.ts` uses a client again when nothing is left in it.
it('a client that has answered has nothing in it any more', async () => {
  await using step = await startStep({ body: 'done' })
  const client = new Client(step.url)
  const { handler, told, over } = createHandler()
  client.dispatch({ path: '/', method: 'POST', body: 'x' }, handler)
  expect(client.stats.size).toBe(1)
  await over
  await vi.waitFor(() => expect(client.stats.size).toBe(0))
  expect(told).toEqual(['start', '200', 'data', 'end'])
  await client.destroy()
})

// `delivery/exchange.ts` ends exchanges by the controller, whenever it wants.
it('a controller that is aborted at the start sends nothing', async () => {
  await using step = await startStep({ body: 'done' })
  const client = new Client(step.url)
  const { handler, told, over } = createHandler()
  const aborting = {
    ...handler,
    onRequestStart: (controller: Dispatcher.DispatchController) => controller.abort(new Error('ours'))
  }
  client.dispatch({ path: '/', method: 'POST', body: 'x' }, aborting)
  await over
  expect(told).toEqual(['ours'])
  expect(step.requests).toEqual([])
  await client.destroy()
})

// `delivery/skip-continue.ts` changes what the parser is told.
it('the parser of a connection is kept at its socket, and is told the status of each head', async () => {
  const step = await startRawStep(bytes('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  const statuses: unknown[] = []
  const dial = buildConnector({})
  const client = new Client(step.url, {
    connect: (options, callback) =>
      dial(options, (...result) => {
        callback(...result)
        const [, socket] = result
        const key = Object.getOwnPropertySymbols(socket ?? {}).find(({ description }) => description === 'parser')
        const parser: unknown = key && Reflect.get(socket ?? {}, key)
        watchHeads(parser as Parser, statuses)
      })
  })
  const { handler, over } = createHandler()
  client.dispatch({ path: '/', method: 'POST', body: 'x' }, handler)
  await over
  expect(statuses).toEqual([103, 200])
  await client.destroy()
  await step[Symbol.asyncDispose]()
})

interface Parser {
  onHeadersComplete: (status: number, ...rest: readonly unknown[]) => number
}

function watchHeads(parser: Parser, statuses: unknown[]): void {
  const { onHeadersComplete } = parser
  parser.onHeadersComplete = (status, ...rest) => {
    statuses.push(status)
    return onHeadersComplete.call(parser, status, ...rest)
  }
}
