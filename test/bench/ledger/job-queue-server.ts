import { Queue, RedisStorage, type Job } from '@platformatic/job-queue'
import { randomUUID } from 'node:crypto'
import { createJob, readQueueArguments, serveQueue } from './queue-server.ts'

/* The process of @platformatic/job-queue: producer and consumer behind one HTTP server. */

const { redis, model, concurrency } = readQueueArguments()
const queue = new Queue<string, string>({ storage: new RedisStorage({ url: redis }), concurrency, maxRetries: 4 })
const run = createJob(model, concurrency)
queue.execute((job: Job<string>) => run(job.payload))
let finished = 0
queue.on('completed', () => finished++)
queue.on('error', error => console.error(error))
await queue.start()
serveQueue({ name: 'job-queue', add: body => queue.enqueue(randomUUID(), body), finished: () => finished })
