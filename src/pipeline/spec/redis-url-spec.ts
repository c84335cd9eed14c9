import * as z from 'zod'
import { hasReferences } from '../environment.ts'
import { expected } from './expected.ts'

const form = /^rediss?(\+(sentinel|cluster))?:\/\/[^\s]+$/

/** Where a Redis is: one server, Sentinels or a Cluster. Its value is judged when its variables are known. */
export const redisUrlSpec = z
  .string({ error: expected('a URL such as redis://localhost:6379') })
  .max(2048)
  .refine(text => hasReferences(text) || form.test(text), {
    // Not repeated: it may hold a password.
    error: 'must be a URL such as redis://localhost:6379, redis+sentinel://… or redis+cluster://…'
  })

/** The name of a stream. */
export const streamNameSpec = z.string().min(1).max(512)
