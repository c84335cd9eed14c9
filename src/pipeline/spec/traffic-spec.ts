import * as z from 'zod'
import { checkPlace, checkUri, destinationShape } from './destination-spec.ts'
import { expected } from './expected.ts'
import { nameSpec } from './name-spec.ts'
import { canarySpec } from './process-spec.ts'
import { rules, type Rule } from './rule.ts'

const percentSpec = z
  .number({ error: expected('a number from 0 to 100') })
  .min(0)
  .max(100)

/** A destination is elsewhere, or is deployed; `tag` is part of the name of what is. */
const checkEntry: Rule = ({ uri, ref, run, tag, CACerts, audience }, report) => {
  if (run === undefined) {
    if (uri === undefined && ref === undefined) report([], "needs a 'uri', a 'ref' or 'run'")
    return
  }
  if (uri !== undefined || ref !== undefined) report(['run'], "must not be beside 'uri' or 'ref'")
  if (tag === undefined) report(['tag'], "is required beside 'run', which is deployed by this name")
  for (const [field, value] of Object.entries({ CACerts, audience })) {
    if (value !== undefined) report([field], "does nothing beside 'run'", 'take it away')
  }
}

const entrySpec = z
  .strictObject({
    ...destinationShape,
    run: canarySpec
      .optional()
      .describe(
        "In place of a destination, on Kubernetes: the step's own run with these fields, deployed beside it. Needs a tag."
      ),
    percent: percentSpec.optional().describe('Its share of the calls; absent: an even part of what no other names.'),
    tag: nameSpec.optional().describe('Its name in metrics, and for callers who choose it (sluice-tag).')
  })
  .superRefine(...rules(checkUri, checkEntry))

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
