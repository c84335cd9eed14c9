import { Client, Pool, type Dispatcher } from 'undici'
import { expect, it } from 'vitest'
import { startStep } from '../helpers/step-server.ts'

type Options = Parameters<Client['dispatch']>[0]
type Handler = Parameters<Client['dispatch']>[1]

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

// `delivery/origin.ts` tells its exchange, in the client, which connection carries it.
it('a pool hands the handler itself on to the client that it made', async () => {
  await using step = await startStep({ body: 'done' })
  const handed: Handler[] = []
  class Watched extends Client {
    override dispatch(options: Options, handler: Handler): boolean {
      handed.push(handler)
      return super.dispatch(options, handler)
    }
  }
  const pool = new Pool(step.url, { connections: 1, factory: origin => new Watched(origin) })
  const { handler, told, over } = createHandler()
  pool.dispatch({ path: '/', method: 'POST', body: 'x' }, handler)
  await over
  expect(handed).toHaveLength(1)
  expect(handed[0]).toBe(handler)
  expect(told).toEqual(['start', '200', 'data', 'end'])
  await pool.destroy()
})

// `delivery/exchange.ts` ends exchanges by the controller, whenever it wants.
it('a controller that is aborted at the start sends nothing', async () => {
  await using step = await startStep({ body: 'done' })
  const pool = new Pool(step.url, { connections: 1 })
  const { handler, told, over } = createHandler()
  const aborting = {
    ...handler,
    onRequestStart: (controller: Dispatcher.DispatchController) => controller.abort(new Error('ours'))
  }
  pool.dispatch({ path: '/', method: 'POST', body: 'x' }, aborting)
  await over
  expect(told).toEqual(['ours'])
  expect(step.requests).toEqual([])
  await pool.destroy()
})
