import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { durationSpec } from './duration-spec.ts'
import { expected } from './expected.ts'
import { nameSpec } from './name-spec.ts'
import { wholeNumber } from './whole-number.ts'

const { steps, every, minCalls, failurePercent } = defaults.rollout

const percent = (min: number) =>
  z
    .number({ error: expected(`a number from ${min} to 100`) })
    .min(min)
    .max(100)

/** How the share of one entry of `traffic` grows by itself. */
export const rolloutSpec = z
  .strictObject({
    tag: nameSpec.describe('The tag of the entry whose share grows.'),
    steps: z
      .array(percent(0).gt(0))
      .min(1)
      .refine(list => list.every((each, i) => i === 0 || each > (list[i - 1] ?? 0)), {
        error: 'must be percents that grow'
      })
      .optional()
      .meta({ description: 'Its shares, one after the other, in percent.', default: [...steps] }),
    every: durationSpec({ min: 1 })
      .optional()
      .meta({ description: 'How long a share is held at least.', default: every }),
    minCalls: wholeNumber(1)
      .optional()
      .meta({ description: 'Calls at a share before it is judged, and before the next one.', default: minCalls }),
    abortAbove: z
      .strictObject({
        failurePercent: percent(0)
          .optional()
          .meta({ description: 'Its calls that fail, in percent.', default: failurePercent }),
        p95: durationSpec({ min: 1 }).optional().describe('What 95 of 100 of its calls take at most.')
      })
      .optional()
      .describe('Above one of these, and worse than the other entries, its share goes to 0.')
  })
  .meta({ id: 'Rollout', description: 'Raises the share of an entry of traffic by itself, or takes it back.' })

export type RolloutSpec = z.infer<typeof rolloutSpec>
