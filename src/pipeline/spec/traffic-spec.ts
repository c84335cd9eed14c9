import * as z from 'zod'
import { checkPlace, checkUri, destinationShape } from './destination-spec.ts'
import { expected } from './expected.ts'
import { nameSpec } from './name-spec.ts'
import { rules } from './rule.ts'

const targetShape = z.strictObject({
  ...destinationShape,
  percent: z
    .number({ error: expected('a number from 0 to 100') })
    .min(0)
    .max(100)
    .describe('Its share of the calls.'),
  tag: nameSpec.optional().describe('Its name in metrics.')
})

/** Several destinations in one step, each with its share of the calls. */
export const trafficSpec = z
  .array(targetShape.superRefine(...rules(checkUri, checkPlace)))
  .min(1)
  .superRefine((targets, context) => {
    const sum = targets.reduce((total, { percent }) => total + percent, 0)
    if (Math.abs(sum - 100) > 1e-6)
      context.addIssue({ code: 'custom', message: `must have percents that sum to 100, found ${sum}` })
  })
  .describe('A canary inside one step: destinations with percents that sum to 100.')
