import * as z from 'zod'
import { durationPattern, parseDuration } from '../duration.ts'
import { expected } from './expected.ts'

export interface DurationBounds {
  /** Shortest, in milliseconds; 1 where zero makes no sense. */
  readonly min?: number
  readonly max?: { readonly ms: number; readonly text: string }
}

/** A timer of the platform fires at once when it is set to more than this. */
const longestTimer = { ms: 2_147_483_647, text: 'P24D' }

const expectedDuration = expected('a duration such as PT2S or 2s')

/** `PT0.2S` as in Knative, or `200ms`. */
export const durationSpec = ({ min = 0, max = longestTimer }: DurationBounds = {}) =>
  z
    .string({ error: expectedDuration })
    .superRefine((text, context) => {
      const ms = parseDuration(text)
      if (ms === undefined) context.addIssue({ code: 'custom', message: expectedDuration({ input: text }) ?? '' })
      else if (ms < min) context.addIssue({ code: 'custom', message: `must be longer than zero, found '${text}'` })
      else if (ms > max.ms)
        context.addIssue({ code: 'custom', message: `must be at most ${max.text}, found '${text}'` })
    })
    .meta({ pattern: durationPattern })
