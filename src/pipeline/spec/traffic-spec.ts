import * as z from 'zod'
import { checkPlace, checkUri, destinationShape } from './destination-spec.ts'
import { expected } from './expected.ts'
import { nameSpec } from './name-spec.ts'
import { rules } from './rule.ts'

const percentSpec = z
  .number({ error: expected('a number from 0 to 100') })
  .min(0)
  .max(100)

const entrySpec = z
  .strictObject({
    ...destinationShape,
    percent: percentSpec.optional().describe('Its share of the calls; absent: an even part of what no other names.'),
    tag: nameSpec.optional().describe('Its name in metrics, and for callers who choose it (sluice-tag).')
  })
  .superRefine(...rules(checkUri, checkPlace))

/** Several destinations in one step, each with its share of the calls. */
export const trafficSpec = z
  .array(entrySpec)
  .min(1)
  .describe("A canary inside one step: destinations beside the step's own, each with its share of the calls.")

/** A destination that gets copies. */
export const mirrorSpec = z
  .strictObject({
    ...destinationShape,
    percent: percentSpec.optional().meta({ description: 'The share of the calls that are copied.', default: 100 })
  })
  .superRefine(...rules(checkUri, checkPlace))

export type MirrorSpec = z.infer<typeof mirrorSpec>
