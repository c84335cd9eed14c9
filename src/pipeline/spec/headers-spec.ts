import * as z from 'zod'
import { expected } from './expected.ts'
import { found } from './found.ts'

const notPropagated =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|prefer|ce-.*)$/i

const headerName = z
  .string({ error: expected('the name of a header') })
  .regex(/^[\w!#$%&'*+.^`|~-]+$/)
  .refine(name => !notPropagated.test(name), {
    error: ({ input }) => `must not name a header that Sluice sets itself for each call, found ${found(input)}`
  })

/** Which headers of a request its steps see. */
export const headersSpec = z.strictObject({
  propagate: z
    .array(headerName)
    .optional()
    .describe('Names of headers that are passed on to steps, beside x-request-id, traceparent, tracestate and baggage.')
})
