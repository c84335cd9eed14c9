import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { wholeNumber } from './whole-number.ts'

const { limits } = defaults

/** How much a pipeline takes before it says no. */
export const limitsSpec = z
  .strictObject({
    maxConcurrent: wholeNumber(1).optional().meta({
      description: 'Synchronous requests at once in each replica; more: 503 OVERLOADED.',
      default: limits.maxConcurrent
    }),
    maxInFlight: wholeNumber(1)
      .optional()
      .meta({ description: 'Stored requests that run at once in each replica.', default: limits.maxInFlight }),
    maxQueued: wholeNumber(1).optional().meta({
      description: 'Stored requests that wait, in all replicas; more: 429 QUEUE_FULL.',
      default: limits.maxQueued
    }),
    maxBodyBytes: wholeNumber(1, 1_073_741_824).optional().meta({
      description: "The longest body of a request and of a step's answer.",
      default: limits.maxBodyBytes
    }),
    maxDeliveries: wholeNumber(1).optional().meta({
      description: 'A stored request that was started this often without an end is dead-lettered.',
      default: limits.maxDeliveries
    }),
    maxBatch: wholeNumber(1).optional().meta({
      description: 'Events of one batch; more: 413 BODY_TOO_LARGE.',
      default: limits.maxBatch
    }),
    maxCalls: wholeNumber(1).optional().meta({
      description: 'HTTP calls that a request may cause, retries and fallbacks included; more: CALL_LIMIT.',
      default: limits.maxCalls
    })
  })
  .meta({ id: 'Limits', description: 'How much a pipeline takes before it says no.' })

export type LimitsSpec = z.infer<typeof limitsSpec>
