import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createEnsemble } from './floor-ensemble.ts'
import { createCall, type Message } from './floor-call.ts'

/*
 * The process of the floor: the same step calls with the same parts (Hono, undici's pools, opossum), as one would
 * write them by hand, and nothing else: no events, retries, deadlines or limits. POST /bench/chain-N calls the first
 * N of the URLs in the arguments, each with the answer of the one before; POST /bench/ensemble calls all at once. What the gateway costs beside it is the
 * price of its features.
 */

const calls = process.argv.slice(2).map(createCall)
const app = new Hono()
for (const count of calls.keys()) {
  const chain = calls.slice(0, count + 1)
  app.post(`/bench/chain-${chain.length}`, async c => {
    const body = new Uint8Array(await c.req.arrayBuffer())
    let message: Message = { body, contentType: c.req.header('content-type') ?? 'application/json' }
    for (const call of chain) message = await call(message)
    return c.body(new Uint8Array(message.body), 200, { 'content-type': message.contentType })
  })
}
const ensemble = createEnsemble(process.argv.slice(2))
app.post('/bench/ensemble', async c => {
  const body = new Uint8Array(await c.req.arrayBuffer())
  const joined = await ensemble({ body, contentType: c.req.header('content-type') ?? 'application/json' })
  return c.body(new Uint8Array(joined.body), 200, { 'content-type': joined.contentType })
})
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`floor ready on http://127.0.0.1:${port}`)
})
