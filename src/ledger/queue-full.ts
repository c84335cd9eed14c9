import { SluiceError } from '../errors.ts'

/** The refusal of requests for which the queue of their pipeline has no room, be it for a batch larger than the queue. */
export const queueFull = (pipeline: string, waiting: number): SluiceError =>
  new SluiceError(
    'QUEUE_FULL',
    `the queue of ${pipeline} has no room for as many: ${waiting} requests are waiting, the most is limits.maxQueued`,
    {
      facts: { pipeline, retryAfterMs: 1000 }
    }
  )
