import * as z from 'zod'
import { adminLimits } from '../http/admin-limits.ts'
import { expected } from '../pipeline/spec/expected.ts'
import { countParameter, flagParameter, pageParameters, pipelineParameter, timeParameter } from './parameters.ts'

/** Which dead letters. */
const filter = {
  pipeline: pipelineParameter.optional(),
  step: z.string().optional(),
  code: z.string().optional(),
  since: timeParameter.optional()
}

const from = z.enum(['step', 'start'], { error: expected('step or start') }).default('step')

export const listQuery = z.strictObject({ ...filter, closed: flagParameter.default(false), ...pageParameters })

export const replayQuery = z.strictObject({ from })

/** Of a bulk replay, at a rate that spares the steps unless the caller knows better. */
export const bulkReplayQuery = z.strictObject({ ...filter, from, rate: countParameter(adminLimits.replayRate) })
