import { SluiceError } from '../errors.ts'

/** The refusal of a request for which the queue of its pipeline has no room. */
export const queueFull = (pipeline: string, waiting: number): SluiceError =>
  new SluiceError('QUEUE_FULL', `${waiting} requests of ${pipeline} are waiting already`, {
    facts: { pipeline, retryAfterMs: 1000 }
  })
