import type * as z from 'zod'
import { found } from '../spec/found.ts'

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list'
}

/** The fault, where the schema itself has no words for it: a zod error map. */
export function explainIssue(issue: z.core.$ZodRawIssue): string {
  const { code, input } = issue
  if (input === undefined) return 'is required'
  if (code === 'invalid_type') return `must be ${types[issue.expected] ?? issue.expected}, found ${found(input)}`
  if (code === 'invalid_value') return `must be ${alternatives(issue.values.map(String))}, found ${found(input)}`
  if (code === 'too_small' || code === 'too_big') return wrongSize(issue)
  return 'is not valid'
}

type SizeIssue = z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall> | z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>

function wrongSize(issue: SizeIssue): string {
  const small = issue.code === 'too_small'
  const size = small ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  if (issue.origin === 'string') return small ? 'must not be empty' : `must be ${size} characters long`
  if (issue.origin === 'array') return small ? 'must have at least one entry' : `must have ${size} entries`
  return `must be ${size}, found ${found(issue.input)}`
}

function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}
