import * as z from 'zod'
import { expected } from './expected.ts'
import { found } from './found.ts'

/** Two of them would be sent. */
const setBySluice = /^(host|content-type|content-length|prefer|ce-.*|sluice-.*)$/i

/**
 * Their meaning holds between the caller and Sluice; sent on, the step would answer something else than the caller
 * expects.
 */
const ofTheExchange =
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|accept-encoding|range|if-.*)$/i

/** Of the request and its trace: each call has them, whatever a step says. */
const ofTheRequest = /^(x-request-id|traceparent|tracestate|baggage|kn-namespace)$/i

/** The name of a header that may go from a caller to a step. */
export const headerName = z
  .string({ error: expected('the name of a header') })
  .regex(/^[\w!#$%&'*+.^`|~-]+$/)
  .refine(name => !setBySluice.test(name), {
    error: ({ input }) => `must not name a header that Sluice sets itself for each call, found ${found(input)}`
  })
  .refine(name => setBySluice.test(name) || !ofTheExchange.test(name), {
    error: ({ input }) => `must not name a header that changes how a step is called or answers, found ${found(input)}`
  })

/** The name of a header that a definition sets for calls of a destination. */
export const callHeaderName = headerName.refine(name => !ofTheRequest.test(name), {
  error: ({ input }) => `must not name a header that Sluice sets itself for each call, found ${found(input)}`
})
