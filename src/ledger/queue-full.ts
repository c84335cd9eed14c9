import { SluiceError } from '../errors.ts'

/** The refusal of requests for which the queue of their pipeline has no room, be it for a batch larger than the queue. */
export function queueFull(pipeline: string, waiting: number): SluiceError {
  const message = `the queue of ${pipeline} has no room for as many: ${waiting} are waiting, maxQueued is the most`
  return new SluiceError('QUEUE_FULL', message, { facts: { pipeline, retryAfterMs: 1000 } })
}
