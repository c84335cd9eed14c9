import * as z from 'zod'
import { expected } from './expected.ts'

const quantities = () =>
  z
    .record(
      z.string(),
      z.union([z.string(), z.number()], { error: expected('a Kubernetes quantity such as 500m, 2 or 1Gi') })
    )
    .optional()

/** Kubernetes resources, accelerators included, used where Sluice deploys the step. */
export const resourcesSpec = z.strictObject({
  requests: quantities().describe('What the step needs, for example cpu, memory or nvidia.com/gpu.'),
  limits: quantities().describe('What the step may use at most.'),
  claims: z.array(z.unknown()).optional().describe('Kubernetes resource claims.')
})
