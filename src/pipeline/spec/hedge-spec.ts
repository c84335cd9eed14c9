import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { durationSpec } from './duration-spec.ts'
import { wholeNumber } from './whole-number.ts'

/** A second call when the first is slow; the first answer wins. */
export const hedgeSpec = z.strictObject({
  delay: durationSpec().describe('How long to wait for the first call.'),
  max: wholeNumber(1)
    .optional()
    .meta({ description: 'Calls beside the first, at most, each after a further delay.', default: defaults.hedge.max })
})
