import * as z from 'zod'
import { durationSpec } from './duration-spec.ts'
import { expressionSpec } from './expression-spec.ts'

/** Replies of a deterministic model, kept. */
export const cacheSpec = z.strictObject({
  ttl: durationSpec({ min: 1 }).describe('How long a reply is used again.'),
  key: expressionSpec.optional().describe('What makes two calls the same; the data, unless given.')
})
