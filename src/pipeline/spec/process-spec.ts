import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { checkMinMax } from './check-min-max.ts'
import { durationSpec } from './duration-spec.ts'
import { expected } from './expected.ts'
import { resourcesSpec } from './resources-spec.ts'
import { isMapping, rules, type Rule } from './rule.ts'
import { wholeNumber } from './whole-number.ts'

const { scale } = defaults

const argument = z.string().refine(text => !text.includes('\0'), { error: 'must not contain a NUL character' })

const readinessSpec = z.strictObject({
  path: z
    .string({ error: expected('a path that starts with a slash') })
    .regex(/^\/[^\s#]*$/)
    .optional()
    .describe('Ready when a GET of this path answers 2xx; else when the port accepts a connection.'),
  timeout: durationSpec({ min: 1 })
    .optional()
    .meta({ description: 'How long the process may take to become ready.', default: defaults.readinessTimeout })
})

/** The `run` of a step says what runs; that of an entry of `traffic` has the rest from it. */
export const checkProgram: Rule = ({ run }, report) => {
  if (!isMapping(run) || run['command'] !== undefined || run['image'] !== undefined) return
  report(['run', 'command'], 'is required')
}

const processShape = {
  command: z
    .array(argument)
    .min(1)
    .refine(([program]) => program !== '', { error: 'must start with the name of a program' })
    .optional()
    .describe(
      'The program and its arguments; PORT in its environment is the port to listen on. Needed but on Kubernetes, where it is that of the container.'
    ),
  cwd: argument.min(1).optional().describe('Working directory, relative to the file; default: the folder of the file.'),
  env: z
    .record(
      z.string({ error: 'is not the name of an environment variable' }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
      z.union(
        [
          argument,
          z.strictObject({
            valueFrom: z.record(z.string(), z.unknown()).describe('Where the value is, as in a Pod.')
          })
        ],
        {
          error: expected('a string')
        }
      )
    )
    .optional()
    .describe("Environment variables beside the gateway's own; {valueFrom: …} as in a Pod, on Kubernetes only."),
  readiness: readinessSpec.optional().describe('When the process can be called.'),
  min: wholeNumber(0)
    .optional()
    .meta({ description: 'Processes that always run; 0: the first request starts one.', default: scale.min }),
  max: wholeNumber(1).optional().meta({ description: 'Processes that run at most.', default: scale.max }),
  concurrency: wholeNumber(1)
    .optional()
    .describe('Calls that one process takes at once, at most; the others wait in order.'),
  idle: durationSpec()
    .optional()
    .meta({ description: 'A process that was not needed for this long is stopped.', default: scale.idle }),
  image: z
    .string({ error: expected('the name of an image') })
    .min(1)
    .max(512)
    .optional()
    .describe('The image that Sluice deploys on Kubernetes; elsewhere it is ignored.'),
  port: wholeNumber(1, 65_535)
    .optional()
    .meta({ description: 'The port that the container listens on.', default: defaults.containerPort }),
  resources: resourcesSpec.optional().describe('What the container needs and may use; on Kubernetes only.'),
  nodeSelector: z.record(z.string(), z.string()).optional().describe('The nodes that it may run on, by their labels.'),
  tolerations: z
    .array(z.record(z.string(), z.unknown()))
    .optional()
    .describe('The taints of nodes that it tolerates, as in a Pod.')
}

/** `run`: local processes that the gateway starts and watches. */
export const processSpec = z
  .strictObject(processShape)
  .superRefine(...rules(checkMinMax))
  .meta({
    id: 'Process',
    description: 'A local process that the gateway starts with a free PORT, watches and restarts.'
  })

export type RunSpec = z.infer<typeof processSpec>

const { image, command, env, resources, nodeSelector, tolerations, min, max } = processShape

/** The fields of a step's `run` that an entry of its traffic may have of its own: the container, where it runs and how often. */
export const canarySpec = z
  .strictObject({ image, command, env, resources, nodeSelector, tolerations, min, max })
  .superRefine(...rules(checkMinMax))
  .meta({ id: 'Canary', description: "Fields in place of those of the step's own run; env name by name." })

export type CanarySpec = z.infer<typeof canarySpec>
