import * as z from 'zod'
import { headerValueFault } from '../header-value-fault.ts'
import { callHeaderName } from './header-name.ts'
import { isMapping, rules, type Rule } from './rule.ts'

/*
 * No message here repeats a value: it may be a secret, or one that was put in the wrong place.
 */

const maxLength = 8192

const sources = ['env', 'file', 'secretKeyRef'] as const

const oneSource = "needs one of 'env', 'file' and 'secretKeyRef'"

const text = () =>
  z
    .string({ error: 'must be text' })
    .max(maxLength, { error: `must be at most ${maxLength} characters long` })
    .superRefine((value, context) => {
      const message = headerValueFault(value)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })

const checkSource: Rule = (header, report) => {
  const given = sources.filter(source => header[source] !== undefined)
  if (given.length === 0) report([], oneSource)
  for (const source of given.slice(1)) report([source], `must not be beside '${given[0]}': ${oneSource.slice(6)}`)
}

const lookedUp = z
  .strictObject({
    env: z
      .string({ error: 'must be the name of an environment variable' })
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable, such as MODEL_TOKEN' })
      .optional()
      .describe('The environment variable that has the value.'),
    file: z
      .string({ error: 'must be the path of a file' })
      .min(1, { error: 'must be the path of a file' })
      .optional()
      .describe('The file that has the value, relative to that of the definition; read again when it changes.'),
    secretKeyRef: z
      .strictObject({
        name: z.string().min(1).describe('The name of the Secret, in the namespace of the pipeline.'),
        key: z.string().min(1).describe('The key in it.')
      })
      .optional()
      .describe('The key of a Kubernetes Secret that has the value; on Kubernetes only.'),
    prefix: text().optional().describe('What stands before the value, such as "Bearer ".')
  })
  .superRefine(...rules(checkSource))

const checkTwice: Rule = (headers, report) => {
  const names = new Set<string>()
  for (const name of Object.keys(headers)) {
    if (names.has(name.toLowerCase())) report([name], 'is written twice: the case of a header name does not matter')
    names.add(name.toLowerCase())
  }
}

/** Headers that go with each call of a destination, and where their values are. */
export const callHeadersSpec = z
  .record(callHeaderName, z.union([text(), lookedUp], { error: unlikeAny }), {
    error: 'must be a mapping of header names'
  })
  .superRefine(...rules(checkTwice))
  .meta({ id: 'CallHeaders', description: 'Headers sent with each call of this destination.' })

export type CallHeadersSpec = z.infer<typeof callHeadersSpec>

function unlikeAny({ input }: { readonly input?: unknown }): string | undefined {
  if (typeof input === 'string' || isMapping(input)) return undefined
  return 'must be a string, or {env: NAME}, {file: PATH} or {secretKeyRef: {name, key}}'
}
