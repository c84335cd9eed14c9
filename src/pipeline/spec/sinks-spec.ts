import * as z from 'zod'
import { checkUniqueNames } from './check-unique-names.ts'
import { deliverySpec } from './delivery-spec.ts'
import { checkUri, destinationShape } from './destination-spec.ts'
import { nameSpec } from './name-spec.ts'
import { redisUrlSpec, streamNameSpec } from './redis-url-spec.ts'
import { rules, type Rule } from './rule.ts'

const checkKind: Rule = ({ uri, ref, redisStream, log, headers, audience, CACerts }, report) => {
  const called = uri !== undefined || ref !== undefined
  const given = [called && 'uri', redisStream !== undefined && 'redisStream', log !== undefined && 'log'].filter(
    Boolean
  )
  if (given.length === 0) report([], "needs 'uri', 'ref', 'redisStream' or 'log'")
  for (const kind of given.slice(1)) report([String(kind)], `must not be beside '${given[0]}': a sink is of one kind`)
  if (called) return
  for (const [field, value] of Object.entries({ headers, audience, CACerts })) {
    if (value !== undefined) report([field], "does nothing without 'uri' or 'ref'", 'take it away')
  }
}

const sinkSpec = z
  .strictObject({
    name: nameSpec.describe('Its path is sinks/{name}.'),
    ...destinationShape,
    redisStream: z
      .strictObject({
        url: redisUrlSpec.describe('Where the Redis is.'),
        stream: streamNameSpec.describe('The key of the stream.')
      })
      .optional()
      .describe('Adds an entry with the data and the attributes, which a source reads back.'),
    log: z
      .strictObject({
        data: z.boolean().optional().meta({ description: 'The data too, up to 1 KiB.', default: false })
      })
      .optional()
      .describe('Writes a line with the attributes and the size.'),
    delivery: deliverySpec.optional().describe("Overrides the pipeline's, field by field.")
  })
  .superRefine(...rules(checkUri, checkKind))
  .meta({ id: 'Sink', description: 'Where a Pipeline writes.' })

/** Where the events of a pipeline without a serving ingress go, all at once. */
export const sinksSpec = z.array(sinkSpec).min(1).max(100).superRefine(checkUniqueNames)

export type SinkSpec = z.infer<typeof sinkSpec>
