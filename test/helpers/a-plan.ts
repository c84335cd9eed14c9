import { compile } from '../../src/pipeline/compile.ts'
import type { Plan } from '../../src/pipeline/plan.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import type { StepText } from './gateway.ts'

export interface PlanParts {
  readonly name?: string
  readonly generation?: number
  /** Its steps, in order; most need only a name. */
  readonly steps?: readonly StepText[]
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A plan of steps that nobody calls. */
export function aPlan({ name = 'comments', steps = ['filter', 'sentiment'], spec }: PlanParts = {}): Plan {
  const text = JSON.stringify({
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ServingPipeline',
    metadata: { name },
    spec: { ...spec, steps: steps.map(asWritten) }
  })
  const {
    wholes: [pipeline],
    faults
  } = readPipelines([{ file: 'a-plan.json', text }])
  if (pipeline === undefined) throw new Error(JSON.stringify(faults))
  return compile(pipeline.definition, { baseDir: '/', resolve: new Map() })
}

/** The plan as the generation that is served; the first one, unless the test says otherwise. */
export const aGeneration = ({ generation = 1, ...parts }: PlanParts = {}) => ({ plan: aPlan(parts), generation })

const asWritten = (step: StepText): StepText =>
  typeof step === 'string' ? { name: step, uri: `http://localhost:9101/${step}` } : step
