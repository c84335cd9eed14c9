import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { wholeNumber } from './whole-number.ts'

/** Whether the pipeline should run. */
export const lifecycleSpec = z.strictObject({
  desiredPhase: z
    .enum(['Running', 'Paused'])
    .optional()
    .meta({ description: 'Running, or Paused: takes no request and drains.', default: 'Running' }),
  pauseGracePeriodSeconds: wholeNumber(0, 86_400)
    .optional()
    .meta({ description: 'How long a pause waits for what is in flight.', default: defaults.pauseGracePeriodSeconds })
})
