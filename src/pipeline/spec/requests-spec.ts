import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { durationSpec } from './duration-spec.ts'

const { requests } = defaults
const tenYears = { ms: 3650 * 86_400_000, text: 'P3650D' }

/** The rules for requests that are kept. */
export const requestsSpec = z.strictObject({
  stored: z.boolean().optional().meta({
    description: 'true: synchronous requests too are accepted into the ledger first.',
    default: requests.stored
  }),
  ttl: durationSpec({ min: 1, max: tenYears })
    .optional()
    .meta({ description: 'How long a finished request can be fetched.', default: requests.ttl }),
  deduplicate: z.boolean().optional().meta({
    description: 'A stored request with a known Idempotency-Key, or source and id, is the same request.',
    default: requests.deduplicate
  })
})

export type RequestsSpec = z.infer<typeof requestsSpec>
