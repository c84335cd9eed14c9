import * as z from 'zod'
import { cronOf } from '../cron.ts'
import { expected } from './expected.ts'

const expectedCron = expected('a cron expression of five fields, or six with seconds first')
const expectedZone = expected('the name of a time zone such as Europe/Berlin')

/** Times that repeat. */
export const cronSpec = z.string({ error: expectedCron }).superRefine((text, context) => {
  const fields = text.trim().split(/\s+/).length
  if (fields < 5 || fields > 6) context.addIssue({ code: 'custom', message: expectedCron({ input: text }) ?? '' })
  else if (!isCron(text)) context.addIssue({ code: 'custom', message: expectedCron({ input: text }) ?? '' })
})

export const timezoneSpec = z
  .string({ error: expectedZone })
  .refine(isZone, { error: expectedZone })
  .optional()
  .meta({ description: 'The time zone of the expression.', default: 'UTC' })

function isCron(text: string): boolean {
  try {
    return cronOf(text).nextRun() !== null
  } catch {
    return false
  }
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format() !== ''
  } catch {
    return false
  }
}
