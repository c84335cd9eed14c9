import * as z from 'zod'
import { expected } from './expected.ts'
import { rules, type Rule } from './rule.ts'

const name = (what: string) => z.string({ error: expected(what) }).min(1)

const checkRule: Rule = ({ subject, claim, value, tokenName }, report) => {
  const given = [subject, claim, tokenName].filter(each => each !== undefined)
  if (given.length !== 1) report([], "needs exactly one of 'subject', 'claim' and 'tokenName'")
  if (claim !== undefined && value === undefined) report([], "needs a 'value' beside 'claim'")
  if (claim === undefined && value !== undefined) report(['value'], "means something only beside 'claim'")
}

const allowSpec = z
  .strictObject({
    subject: name('the subject of a JWT').optional().describe("The 'sub' of a JWT."),
    claim: name('the name of a claim').optional().describe('A claim of a JWT; one that is a list must have the value.'),
    value: z
      .union([z.string(), z.number(), z.boolean()], { error: expected('a text, a number, true or false') })
      .optional()
      .describe('Beside claim: what it must be, or have.'),
    tokenName: name('the name of a token').optional().describe('The name of a token of --auth-tokens.')
  })
  .superRefine(...rules(checkRule))

/** The callers of a pipeline. */
export const accessSpec = z.strictObject({
  allow: z.array(allowSpec).describe('Each entry lets its callers in; none at all: nobody.')
})

export type AccessSpec = z.infer<typeof accessSpec>
