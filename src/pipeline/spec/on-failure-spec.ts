import * as z from 'zod'
import { checkUri, destinationShape } from './destination-spec.ts'
import { expected } from './expected.ts'
import { rules, type Rule } from './rule.ts'

const fallbackShape = z.strictObject({
  ...destinationShape,
  data: z.unknown().optional().describe('The data of the fallback reply: any JSON value, or text beside contentType.'),
  contentType: z
    .string({ error: expected('a media type such as application/json') })
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;[\x20-\x7e]*)?$/)
    .optional()
    .meta({ description: 'The media type of the data.', default: 'application/json' })
})

const checkKind: Rule = ({ uri, ref, data, contentType, headers }, report) => {
  const called = uri !== undefined || ref !== undefined
  if (called && data !== undefined)
    report(['data'], "must not be beside 'uri' or 'ref': a fallback is a destination or data")
  if (!called && data === undefined) report([], "needs 'uri', 'ref' or 'data'")
  if (contentType !== undefined && data === undefined) report(['contentType'], "belongs to 'data', which is not there")
  if (headers !== undefined && data !== undefined) report(['headers'], 'does nothing beside data', 'take it away')
}

const checkJsonText: Rule = ({ data, contentType }, report) => {
  if (typeof data !== 'string' || typeof contentType !== 'string' || !/[/+]json\b/i.test(contentType)) return
  try {
    JSON.parse(data)
  } catch {
    report(
      ['data'],
      `must be JSON text, as its contentType is ${contentType}`,
      'leave contentType out to send a JSON string'
    )
  }
}

const fallbackSpec = fallbackShape
  .superRefine(...rules(checkUri, checkKind, checkJsonText))
  .meta({ id: 'Fallback', description: 'What stands in for a step that failed: another destination, or data.' })

export type FallbackSpec = z.infer<typeof fallbackSpec>

/** Data never fails, so nothing stands behind it. */
const fallbacksSpec = z
  .array(fallbackSpec)
  .min(1)
  .superRefine((fallbacks, context) => {
    for (const [i, fallback] of fallbacks.slice(0, -1).entries()) {
      if (fallback.data === undefined) continue
      context.addIssue({ code: 'custom', path: [i, 'data'], message: 'must be the last fallback: data never fails' })
    }
  })

/** The meaning of a step's failure for the request. */
export const onFailureSpec = z.union(
  [
    z.enum(['fail', 'continue']),
    z.strictObject({
      fallback: z
        .union([fallbackSpec, fallbacksSpec], { error: expected('a fallback, or a list of them') })
        .describe('What stands in: another destination, or data; or a list of them, tried in order.')
    })
  ],
  {
    error: expected("fail, continue, or a mapping with 'fallback'")
  }
)
