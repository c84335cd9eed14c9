import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { accessSpec } from './access-spec.ts'
import { contractSpec } from './contract-spec.ts'
import { deliverySpec } from './delivery-spec.ts'
import { destinationSpec } from './destination-spec.ts'
import { durationSpec } from './duration-spec.ts'
import { eachStep } from './each-step.ts'
import { errorsSpec } from './errors-spec.ts'
import { found } from './found.ts'
import { headersSpec } from './headers-spec.ts'
import { lifecycleSpec } from './lifecycle-spec.ts'
import { pipelineNameSpec } from './name-spec.ts'
import { limitsSpec } from './limits-spec.ts'
import { requestsSpec } from './requests-spec.ts'
import { rules, type Rule } from './rule.ts'
import { scaleSpec } from './scale-spec.ts'
import { sinksSpec } from './sinks-spec.ts'
import { sourcesSpec } from './sources-spec.ts'
import { defaultStepName } from './step-name.ts'
import { stepSpec } from './step-spec.ts'

/** A pipeline with more is a mistake of whatever wrote it. */
const maxSteps = 1000
/** And so is one that needs more of the others by name. */
const maxDependencies = 100

const channelTemplateSpec = z.strictObject({
  apiVersion: z.string().optional().describe('For example messaging.knative.dev/v1.'),
  kind: z.string().optional().describe('For example InMemoryChannel.'),
  metadata: z.unknown().optional().describe('Metadata of the channels.'),
  spec: z.unknown().optional().describe('The spec of the channels.')
})

/** Names are unique over the whole tree, the default names included. */
const checkStepNames: Rule = ({ steps }, report) => {
  const names = new Set<unknown>()
  let index = 0
  for (const { path, step } of eachStep(steps, ['steps'])) {
    const name = step['name'] ?? defaultStepName(index)
    index++
    if (names.has(name)) report([...path, 'name'], `must be unique, but another step is called ${found(name)}`)
    names.add(name)
  }
}

/** The fields of what runs, whoever calls it. */
const pipelineShape = {
  steps: z
    .array(stepSpec)
    .min(1)
    .max(maxSteps)
    .describe('The stages, in order; at least one.')
    // The other kind of the same name may have them.
    .optional(),
  channelTemplate: channelTemplateSpec
    .optional()
    .describe("Accepted for compatibility with Knative; the ledger is chosen by the gateway's --store."),
  reply: destinationSpec.optional().describe('Where the reply event goes; none: to the caller.'),
  delivery: deliverySpec.optional().describe('The default for every step.'),
  deadline: durationSpec({ min: 1 })
    .optional()
    .meta({
      description: `For the whole request, all steps, retries and waits included. Not set: ${defaults.deadline} for a caller who waits, and none for a stored request. Set, it counts for a stored request from its acceptance, in the queue and while a breaker is open too; one that is late becomes a dead letter (DEADLINE_EXCEEDED). A replay has a deadline of its own.`
    }),
  requests: requestsSpec.optional().describe('What is kept of requests.'),
  limits: limitsSpec.optional(),
  contract: contractSpec.optional(),
  headers: headersSpec.optional().describe('Which headers of a request its steps see.'),
  access: accessSpec.optional().describe('Who may call it; absent: whoever the data plane lets in.'),
  errors: errorsSpec.optional().describe('What callers see of a failing step.'),
  lifecycle: lifecycleSpec.optional().describe('Whether the pipeline should run.'),
  dependsOn: z
    .array(pipelineNameSpec)
    .max(maxDependencies)
    .optional()
    .describe('Pipelines without which it does not serve, as name or namespace/name.'),
  ordering: z
    .enum(['none', 'key'])
    .optional()
    .meta({ description: 'key: stored requests run in order within one partitionkey.', default: 'none' }),
  scale: scaleSpec.optional().describe('How many local processes its steps have.')
}

/** `spec` of a ServingPipeline; that of a Knative Sequence is one, too. */
export const pipelineSpec = z
  .strictObject(pipelineShape)
  .superRefine(...rules(checkStepNames))
  .meta({ id: 'PipelineSpec', description: 'What the pipeline does. The spec of a Knative Sequence is valid here.' })

const { reply: _reply, ...unansweredShape } = pipelineShape

/** The last step of a Pipeline has this name, so that no other one can. */
const checkSinksName: Rule = ({ steps, sinks }, report) => {
  if (sinks === undefined) return
  for (const path of namesOfSinks(steps)) report(path, "must not be 'sinks', which its sinks are called")
}

/** Where steps have the name that sinks have. */
export const namesOfSinks = (steps: unknown): readonly (readonly (string | number)[])[] =>
  [...eachStep(steps, ['steps'])].flatMap(({ path, step }) => (step['name'] === 'sinks' ? [[...path, 'name']] : []))

/** `spec` of a Pipeline, which nobody calls: it has sources and sinks in place of a caller. */
export const sourcedSpec = z
  .strictObject({
    ...unansweredShape,
    sources: sourcesSpec.optional().describe('Where it reads.'),
    sinks: sinksSpec.optional().describe('Where it writes: the last step, all at once.')
  })
  .superRefine(...rules(checkStepNames, checkSinksName))
  .meta({ id: 'SourcedSpec', description: 'What a pipeline without a serving ingress does.' })

export type PipelineSpec = z.infer<typeof pipelineSpec>
