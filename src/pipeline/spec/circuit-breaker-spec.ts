import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { durationSpec } from './duration-spec.ts'
import { expected } from './expected.ts'
import { wholeNumber } from './whole-number.ts'

const { circuitBreaker } = defaults

/** When to stop calling an origin that fails, in opossum's words. */
export const circuitBreakerSpec = z
  .strictObject({
    enabled: z.boolean().optional().meta({ description: 'false: no breaker.', default: circuitBreaker.enabled }),
    errorThresholdPercentage: z
      .number({ error: expected('a number above 0 and up to 100') })
      .gt(0)
      .max(100)
      .optional()
      .meta({
        description: 'Opens when this share of the calls failed.',
        default: circuitBreaker.errorThresholdPercentage
      }),
    rollingCountTimeout: durationSpec({ min: 1 })
      .optional()
      .meta({ description: 'Calls are counted over this time.', default: circuitBreaker.rollingCountTimeout }),
    resetTimeout: durationSpec({ min: 1 })
      .optional()
      .meta({ description: 'How long it stays open before a probe.', default: circuitBreaker.resetTimeout }),
    volumeThreshold: wholeNumber(0)
      .optional()
      .meta({ description: 'It does not open before this many calls.', default: circuitBreaker.volumeThreshold })
  })
  .meta({
    id: 'CircuitBreaker',
    description: 'One breaker for each origin, shared by the steps with the same settings.'
  })

export type CircuitBreakerSpec = z.infer<typeof circuitBreakerSpec>
