import * as z from 'zod'
import { checkMinMax } from './check-min-max.ts'
import { rules } from './rule.ts'
import { wholeNumber } from './whole-number.ts'

/** How many replicas serve the pipeline. */
export const scaleSpec = z
  .strictObject({
    min: wholeNumber(0).optional().describe('Replicas at least; 0: scales to zero.'),
    max: wholeNumber(1).optional().describe('Replicas at most.'),
    target: wholeNumber(1).optional().describe('Requests in flight that one replica should have.'),
    predictive: z.boolean().optional().meta({ description: 'Scales ahead of a load that repeats.', default: false })
  })
  .superRefine(...rules(checkMinMax))
