import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Pool } from 'undici'

/** A job queue behind HTTP, as one would write it by hand: POST /bench/queued adds a job, GET /finished counts. */
export interface QueueServer {
  readonly name: string
  /** Resolves when the queue has the job. */
  readonly add: (body: string) => Promise<unknown>
  readonly finished: () => number
}

/** Serves until the process ends. */
export function serveQueue({ name, add, finished }: QueueServer): void {
  const app = new Hono()
  app.post('/bench/queued', async c => {
    await add(await c.req.text())
    return c.json({ status: 'accepted' }, 202)
  })
  app.get('/finished', c => c.text(String(finished())))
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
    console.log(`${name} ready on http://127.0.0.1:${port}`)
  })
}

/** A job POSTs its body to the model, and gives the answer. */
export function createJob(model: string, concurrency: number): (body: string) => Promise<string> {
  const pool = new Pool(model, { connections: concurrency })
  return async body => {
    const answer = await pool.request({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json' },
      body
    })
    if (answer.statusCode !== 200) throw new Error(`${model} answered ${answer.statusCode}`)
    return answer.body.text()
  }
}

/** The arguments of a queue's process: where Redis is, where the model is, how many jobs run at once. */
export function readQueueArguments(): { readonly redis: string; readonly model: string; readonly concurrency: number } {
  const [redis = '', model = '', concurrency] = process.argv.slice(2)
  return { redis, model, concurrency: Number(concurrency) }
}
