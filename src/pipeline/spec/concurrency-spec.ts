import * as z from 'zod'
import { wholeNumber } from './whole-number.ts'
import { checkMinMax } from './check-min-max.ts'
import { rules } from './rule.ts'

/** How many calls of a step run at once. */
export const concurrencySpec = z
  .strictObject({
    max: wholeNumber(1).optional().describe('Calls at once, at most.'),
    min: wholeNumber(1).optional().describe('The lowest limit that adaptive may find.'),
    adaptive: z
      .boolean()
      .optional()
      .meta({ description: 'Finds the limit itself between min and max.', default: false })
  })
  .superRefine(...rules(checkMinMax))
