import * as z from 'zod'
import { isTimestamp } from '../event/timestamp.ts'
import { adminLimits } from '../http/admin-limits.ts'
import { defaults } from '../pipeline/defaults.ts'
import { expected } from '../pipeline/spec/expected.ts'

/** `name` or `namespace/name`, as `namespace/name`. */
export const pipelineParameter = z
  .string()
  .regex(/^[^/]+(\/[^/]+)?$/, { error: expected('NAME or NAMESPACE/NAME') })
  .transform(name => (name.includes('/') ? name : `${defaults.namespace}/${name}`))

const expectedTime = expected('an RFC 3339 time or milliseconds since the epoch')

/** As milliseconds since the epoch. */
export const timeParameter = z
  .string()
  .refine(text => isTimestamp(text) || /^\d{1,15}$/.test(text), { error: expectedTime })
  .transform(text => (isTimestamp(text) ? Date.parse(text) : Number(text)))

export const flagParameter = z
  .enum(['true', 'false'], { error: expected('true or false') })
  .transform(text => text === 'true')

/** A whole number from 1 on. */
export const countParameter = ({ usual, most }: { readonly usual: number; readonly most: number }) =>
  z
    .string()
    .refine(text => /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most, { error: expectedCount(most) })
    .transform(Number)
    .default(usual)

const expectedCount = (most: number) => expected(`a whole number from 1 to ${most}`)

/** The parameters of a page; `after` is the `next` of the page before. */
export const pageParameters = {
  after: z.string().optional(),
  limit: countParameter(adminLimits.page)
}
