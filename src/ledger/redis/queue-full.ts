import { SluiceError } from '../../errors.ts'

export const queueFull = (pipeline: string, waiting: number): SluiceError =>
  new SluiceError('QUEUE_FULL', `${waiting} requests of ${pipeline} are waiting already`, {
    facts: { pipeline, retryAfterMs: 1000 }
  })
