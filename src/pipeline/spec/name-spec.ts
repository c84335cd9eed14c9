import * as z from 'zod'
import { expected } from './expected.ts'

/** A DNS label: the name of a pipeline, a namespace or a step. */
export const nameSpec = z
  .string({ error: expected('a name of lower-case letters, digits and inner dashes, at most 63 characters') })
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)

/** The name of a pipeline in the same namespace, or in another one. */
export const pipelineNameSpec = z
  .string({ error: expected('the name of a pipeline, or namespace/name') })
  .regex(/^([a-z0-9][-a-z0-9]*\/)?[a-z0-9][-a-z0-9]*$/)
