import * as z from 'zod'
import { expected } from './expected.ts'

const maxInt32 = 2_147_483_647

/** An integer between two others, both included. */
export const wholeNumber = (min: number, max = maxInt32) =>
  z
    .int({ error: expected(max === maxInt32 ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`) })
    .min(min)
    .max(max)
