import * as z from 'zod'
import { expected } from './expected.ts'
import { found } from './found.ts'

/** Two of them would be sent. */
const setBySluice = /^(host|content-type|content-length|prefer|ce-.*|sluice-.*)$/i

/** What they ask for holds between the caller and Sluice; sent on, the step would answer something else than the caller expects. */
const ofTheExchange =
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|accept-encoding|range|if-.*)$/i

const headerName = z
  .string({ error: expected('the name of a header') })
  .regex(/^[\w!#$%&'*+.^`|~-]+$/)
  .refine(name => !setBySluice.test(name), {
    error: ({ input }) => `must not name a header that Sluice sets itself for each call, found ${found(input)}`
  })
  .refine(name => setBySluice.test(name) || !ofTheExchange.test(name), {
    error: ({ input }) => `must not name a header that changes how a step is called or answers, found ${found(input)}`
  })

/** Which headers of a request its steps see. */
export const headersSpec = z.strictObject({
  propagate: z
    .array(headerName)
    .optional()
    .describe('Names of headers that are passed on to steps, beside x-request-id, traceparent, tracestate and baggage.')
})
