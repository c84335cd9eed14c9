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
      .meta({ description: 'Finds the limit itself between min and max.', default: false }),
    gate: z
      .strictObject({
        url: z.string().min(1).describe('Where the Prometheus metrics of the model server are.'),
        metric: z.string().min(1).describe('The metric that is looked at.'),
        below: z.number().describe('Stored requests are held while the metric is not below this.')
      })
      .optional()
      .describe('Holds stored requests while a metric of the model server is too high.')
  })
  .superRefine(...rules(checkMinMax))
