import { Queue, Worker } from 'bullmq'
import { createJob, readQueueArguments, serveQueue } from './queue-server.ts'

/* The process of BullMQ: its queue and its worker behind one HTTP server, as the gateway is both in one process. */

const { redis, model, concurrency } = readQueueArguments()
const connection = { url: redis, maxRetriesPerRequest: null }
const queue = new Queue<{ readonly body: string }, string>('bench', {
  connection,
  // As many attempts as a step has.
  defaultJobOptions: { attempts: 4, backoff: { type: 'exponential', delay: 200 } }
})
const run = createJob(model, concurrency)
const worker = new Worker<{ readonly body: string }, string>('bench', job => run(job.data.body), {
  connection,
  concurrency
})
let finished = 0
worker.on('completed', () => finished++)
worker.on('error', error => console.error(error))
await worker.waitUntilReady()
serveQueue({ name: 'BullMQ', add: body => queue.add('call', { body }), finished: () => finished })
