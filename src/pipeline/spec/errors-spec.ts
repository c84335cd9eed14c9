import * as z from 'zod'
import { defaults } from '../defaults.ts'

/** The part of a failing step's answer that callers see. */
export const errorsSpec = z.strictObject({
  upstream: z.enum(['body', 'status']).optional().meta({
    description:
      "body: up to 1 KiB of a failing step's own answer, where it is text, goes to the caller, the log and the trace; status: only its status.",
    default: defaults.errors.upstream
  })
})
