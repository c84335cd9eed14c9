import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { cacheSpec } from './cache-spec.ts'
import { circuitBreakerSpec } from './circuit-breaker-spec.ts'
import { concurrencySpec } from './concurrency-spec.ts'
import { conditionSpec } from './condition-spec.ts'
import { contractSpec } from './contract-spec.ts'
import { deliverySpec } from './delivery-spec.ts'
import { destinationShape } from './destination-spec.ts'
import { durationSpec } from './duration-spec.ts'
import { expressionSpec } from './expression-spec.ts'
import { hedgeSpec } from './hedge-spec.ts'
import { inputSpec } from './input-spec.ts'
import { nameSpec, pipelineNameSpec } from './name-spec.ts'
import { onFailureSpec } from './on-failure-spec.ts'
import { processSpec } from './process-spec.ts'
import { resourcesSpec } from './resources-spec.ts'
import { rolloutSpec } from './rollout-spec.ts'
import { mirrorSpec, trafficSpec } from './traffic-spec.ts'

/** The fields of a step that do not hold steps themselves. */
export const stepShape = {
  name: nameSpec.optional().describe('Unique in the pipeline; default step-1, step-2 …'),
  ...destinationShape,
  run: processSpec.optional(),
  pipeline: pipelineNameSpec.optional().describe('Another pipeline, run in-process.'),
  key: expressionSpec.optional().describe('Beside split: equal keys make the same choice.'),
  transform: expressionSpec.optional().describe('Its result becomes the data, or the event when it has specversion.'),
  traffic: trafficSpec.optional(),
  rollout: rolloutSpec.optional(),
  mirror: mirrorSpec
    .optional()
    .describe('Gets a copy of each call, never of a retry; its failures are invisible to the caller.'),
  when: conditionSpec.optional().describe('false: the step is skipped and the event passes on.'),
  input: inputSpec.optional(),
  protocol: z.enum(['cloudevents', 'open-inference', 'openai']).optional().meta({
    description: 'What the destination speaks; cloudevents works with any HTTP endpoint.',
    default: 'cloudevents'
  }),
  reply: z
    .enum(['auto', 'cloudevent', 'json'])
    .optional()
    .meta({ description: 'How to read the answer.', default: 'auto' }),
  replyType: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta({ description: 'The type of an event made of a plain answer.', default: defaults.replyType }),
  stream: z.enum(['auto', 'always', 'never']).optional().meta({
    description:
      'Whether the answer of a last step goes to a waiting caller as it arrives; auto: server-sent events and lines of JSON.',
    default: defaults.stream
  }),
  idleTimeout: durationSpec({ min: 1 })
    .optional()
    .meta({ description: 'Between two chunks of an answer that streams.', default: defaults.idleTimeout }),
  onEmpty: z
    .enum(['stop', 'pass', 'fail'])
    .optional()
    .meta({ description: 'What an answer without a body means.', default: 'stop' }),
  onFailure: onFailureSpec.optional().meta({ description: 'What a failure means for the request.', default: 'fail' }),
  delivery: deliverySpec.optional().describe("Overrides the pipeline's, field by field."),
  timeout: durationSpec({ min: 1 }).optional().describe('Short for delivery.timeout, and before it.'),
  circuitBreaker: circuitBreakerSpec.optional(),
  concurrency: concurrencySpec.optional().describe('How many calls run at once.'),
  safe: z.boolean().optional().meta({ description: 'true: calling twice does no harm.', default: false }),
  hedge: hedgeSpec.optional().describe('A second call when the first is slow; only for a safe step.'),
  cache: cacheSpec.optional().describe('Keeps the replies of a deterministic model.'),
  contract: contractSpec.optional().describe('JSON Schemas of what this step gets and gives.'),
  resources: resourcesSpec.optional().describe('Kubernetes resources, used where Sluice deploys the step.')
}
