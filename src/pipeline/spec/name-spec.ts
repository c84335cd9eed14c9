import * as z from 'zod'
import { expected } from './expected.ts'

/** A DNS label: the name of a pipeline, a namespace or a step. */
export const nameSpec = z
  .string({ error: expected('a name of lower-case letters, digits and inner dashes, at most 63 characters') })
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
