import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { checkUri, destinationShape } from './destination-spec.ts'
import { expected } from './expected.ts'
import { conditionSpec } from './condition-spec.ts'
import { nameSpec } from './name-spec.ts'
import { checkProgram } from './process-spec.ts'
import { rules } from './rule.ts'
import { checkBesides, checkBranches, checkChoiceNames, checkKind, checkOptions, checkSplit } from './step-rules.ts'
import { checkCanaries, checkTraffic } from './traffic-rules.ts'
import { stepShape } from './step-shape.ts'
import { wholeNumber } from './whole-number.ts'

/*
 * Steps hold steps: the fields that do are getters, and stand in a literal without a spread, because TypeScript can
 * tell the type of a schema that refers to itself only then.
 */

const choiceName = () => nameSpec.optional().describe('Part of the paths of its steps; default choice-1, choice-2 …')

const choiceSpec = z.strictObject({
  name: choiceName(),
  when: conditionSpec.describe('The first choice whose condition holds is taken.'),
  get steps() {
    return z.array(stepSpec).min(1).describe('The steps of this choice.')
  }
})

const branchSpec = z.strictObject({
  name: nameSpec.describe('Its name in the joined reply.'),
  when: conditionSpec.optional().describe('false: the branch is skipped.'),
  get steps() {
    return z.array(stepSpec).min(1).describe('The steps of the branch.')
  }
})

const parallelSpec = z.strictObject({
  branches: z.array(branchSpec).min(1).describe('What runs side by side.'),
  join: z.enum(['merge', 'array', 'first', 'race']).optional().meta({
    description:
      'merge: a JSON object by branch name; array: in branch order; first: in branch order, that replied; race: first in time.',
    default: defaults.join
  }),
  require: z
    .union([z.enum(['all', 'any']), wholeNumber(1)], { error: expected('all, any or a whole number from 1') })
    .optional()
    .describe('all: no branch may fail; any or n: so many must reply. Default all; any for first and race.')
})

const weightSpec = z
  .number({ error: expected('a number from 0') })
  .min(0)
  .optional()
  .meta({ description: 'Its share, relative to the others; 0 is never chosen.', default: defaults.weight })

const weightedSpec = z.strictObject({ name: choiceName(), weight: weightSpec, ...destinationShape }).extend({
  get steps() {
    return z.array(stepSpec).min(1).optional().describe('The steps of this choice, in place of a destination.')
  }
})

/** One stage of a pipeline. */
export const stepSpec = z
  .strictObject(stepShape)
  .extend({
    get switch() {
      return z.array(choiceSpec).min(1).optional().describe('The first choice that matches; none: the event passes on.')
    },
    get otherwise() {
      return z.array(stepSpec).min(1).optional().describe('Beside switch: the steps when no choice matches.')
    },
    get parallel() {
      return parallelSpec.optional().describe('Branches that run side by side, and are joined.')
    },
    get split() {
      return z.array(weightedSpec).min(1).optional().describe('One of several choices, by weight.')
    }
  })
  .superRefine(
    ...rules(
      checkUri,
      checkKind,
      checkProgram,
      checkBesides,
      checkOptions,
      checkBranches,
      checkChoiceNames,
      checkSplit,
      checkTraffic,
      checkCanaries
    )
  )
  .meta({ id: 'Step', description: 'One stage: a destination, or one of the structured kinds, plus options.' })

export type StepSpec = z.infer<typeof stepSpec>
