import * as z from 'zod'
import { cronSpec, timezoneSpec } from './cron-spec.ts'
import { durationSpec } from './duration-spec.ts'
import { nameSpec } from './name-spec.ts'
import { redisUrlSpec, streamNameSpec } from './redis-url-spec.ts'
import { rules, type Rule } from './rule.ts'
import { checkUniqueNames } from './check-unique-names.ts'
import { expected } from './expected.ts'

const kinds = ['redisStream', 'schedule', 'http'] as const

const checkKind: Rule = (source, report) => {
  const given = kinds.filter(kind => source[kind] !== undefined)
  if (given.length === 0) report([], "needs one of 'redisStream', 'schedule' and 'http'")
  for (const kind of given.slice(1)) report([kind], `must not be beside '${given[0]}': a source is of one kind`)
}

const httpUrl = z
  .string({ error: expected('an absolute http or https URL') })
  .max(2048)
  .refine(text => /^https?:\/\//i.test(text) && URL.canParse(text), { error: 'must be an absolute http or https URL' })

const sourceSpec = z
  .strictObject({
    name: nameSpec.describe('Part of the source of its events: /{namespace}/{pipeline}/{name}.'),
    redisStream: z
      .strictObject({
        url: redisUrlSpec.describe('Where the Redis is.'),
        stream: streamNameSpec.describe('The key of the stream.'),
        group: z
          .string()
          .min(1)
          .max(512)
          .optional()
          .describe('The consumer group, which is made if it is missing; sluice.NAMESPACE.NAME unless given.')
      })
      .optional()
      .describe('Reads the entries of a Redis stream; each is acknowledged when it was accepted.'),
    schedule: z
      .strictObject({
        cron: cronSpec.describe('Five fields, or six with seconds first.'),
        timezone: timezoneSpec,
        data: z.unknown().optional().describe('The data of its events, as JSON.')
      })
      .optional()
      .describe('An event at each time, once for all replicas.'),
    http: z
      .strictObject({
        url: httpUrl.describe('What is asked for.'),
        every: durationSpec({ min: 1 }).describe('How often.')
      })
      .optional()
      .describe('Asks by GET; each answer with another body than the last is an event.')
  })
  .superRefine(...rules(checkKind))
  .meta({ id: 'Source', description: 'Where a Pipeline reads.' })

/** Where a pipeline without a serving ingress gets its events. */
export const sourcesSpec = z.array(sourceSpec).min(1).max(100).superRefine(checkUniqueNames)

export type SourceSpec = z.infer<typeof sourceSpec>
