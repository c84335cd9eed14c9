import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { checkMinMax } from './check-min-max.ts'
import { cronSpec, timezoneSpec } from './cron-spec.ts'
import { durationSpec } from './duration-spec.ts'
import { rules } from './rule.ts'
import { wholeNumber } from './whole-number.ts'

const { min, max, target, idle } = defaults.scale

const scheduledSpec = z
  .strictObject({
    cron: cronSpec.describe('When it begins to hold.'),
    timezone: timezoneSpec,
    min: wholeNumber(0).optional().describe('In place of min.'),
    max: wholeNumber(1).optional().describe('In place of max.')
  })
  .superRefine(...rules(checkMinMax))

/** How many local processes the steps of the pipeline have. */
export const scaleSpec = z
  .strictObject({
    min: wholeNumber(0).optional().meta({ description: 'Processes of each step that always run.', default: min }),
    max: wholeNumber(1).optional().meta({ description: 'Processes of each step at most.', default: max }),
    target: wholeNumber(1).optional().meta({
      description: "Calls of one process that scaling aims at; a step's concurrency where that is less.",
      default: target
    }),
    idle: durationSpec()
      .optional()
      .meta({ description: 'A process that was not needed for this long is stopped.', default: idle }),
    schedule: z
      .array(scheduledSpec)
      .min(1)
      .optional()
      .describe('Other numbers at times: each entry holds from its time to the next time of any of them.'),
    predictive: z.boolean().optional().meta({ description: 'Scales ahead of a load that repeats.', default: false })
  })
  .superRefine(...rules(checkMinMax))

export type ScaleSpec = z.infer<typeof scaleSpec>
