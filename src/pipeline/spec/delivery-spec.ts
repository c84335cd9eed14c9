import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { destinationSpec } from './destination-spec.ts'
import { durationSpec } from './duration-spec.ts'
import { wholeNumber } from './whole-number.ts'

const { delivery } = defaults

/** How hard to try, as in Knative. */
export const deliverySpec = z
  .strictObject({
    retry: wholeNumber(0).optional().meta({ description: 'Attempts after the first.', default: delivery.retry }),
    backoffPolicy: z.enum(['exponential', 'linear']).optional().meta({
      description: 'How the delay grows: exponential (delay × 2^n) or linear (delay × n).',
      default: delivery.backoffPolicy
    }),
    backoffDelay: durationSpec()
      .optional()
      .meta({ description: 'The delay before the first retry.', default: delivery.backoffDelay }),
    backoffMax: durationSpec()
      .optional()
      .meta({ description: 'No delay is longer than this.', default: delivery.backoffMax }),
    timeout: durationSpec({ min: 1 })
      .optional()
      .meta({ description: 'For each attempt, waiting for a connection included.', default: delivery.timeout }),
    retryAfterMax: durationSpec().optional().meta({
      description: 'The Retry-After of a 429 or 503 is honoured up to this; PT0S: it is not.',
      default: delivery.retryAfterMax
    }),
    deadLetterSink: destinationSpec
      .optional()
      .describe('Where the input of a step that failed for good is sent, or a reply that could not be delivered.'),
    format: z.enum(['binary', 'json']).optional().meta({
      description: 'The CloudEvents mode of the call: binary, or json for structured.',
      default: delivery.format
    })
  })
  .meta({ id: 'Delivery', description: 'Retries, backoff, timeout and dead letter sink of a call.' })

export type DeliverySpec = z.infer<typeof deliverySpec>
