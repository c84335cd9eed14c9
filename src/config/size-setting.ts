import * as z from 'zod'
import { expected } from '../pipeline/spec/expected.ts'

const powers = ['', 'k', 'm', 'g', 't']
const error = expected('a number of bytes such as 268435456, 256MiB or 1GiB')

const written = /^(?<amount>\d+(?:\.\d+)?) ?(?:(?<power>[kmgt])?(?:ib?|(?<decimal>b))?)$/i

/**
 * Bytes, as a number or with a unit: `256MiB`, `256M` and `256 MiB` are 256 × 1024 × 1024, `256MB` is 256 × 1000 ×
 * 1000.
 */
export const sizeSetting = z
  .union([z.number(), z.string().regex(written).transform(readSize)], { error })
  .refine(bytes => Number.isSafeInteger(bytes) && bytes > 0, { error })

function readSize(text: string): number {
  const { amount, power = '', decimal } = written.exec(text)?.groups ?? {}
  return Math.round(Number(amount) * (decimal === undefined ? 1024 : 1000) ** powers.indexOf(power.toLowerCase()))
}
