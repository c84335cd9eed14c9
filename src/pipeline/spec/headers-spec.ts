import * as z from 'zod'
import { headerName } from './header-name.ts'

/** Which headers of a request its steps see. */
export const headersSpec = z.strictObject({
  propagate: z
    .array(headerName)
    .optional()
    .describe('Names of headers that are passed on to steps, beside x-request-id, traceparent, tracestate and baggage.')
})
