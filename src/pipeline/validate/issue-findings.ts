import type * as z from 'zod'
import { fieldNames, type FieldNames } from './field-names.ts'
import type { Finding, Path } from './finding.ts'
import { nearest } from './nearest.ts'
import { valueAt } from './value-at.ts'

type Issue = z.core.$ZodIssue

/** Turns what zod found in a document into findings, one for each mistake. */
export function* issueFindings(
  issues: readonly Issue[],
  document: unknown,
  schema: z.core.$ZodType,
  below: Path = []
): Generator<Finding> {
  for (const issue of issues) {
    const path = [...below, ...issue.path.map(key => (typeof key === 'symbol' ? String(key) : key))]
    if (issue.code === 'unrecognized_keys') yield* unknownFields(issue.keys, path, schema)
    else if (issue.code === 'invalid_union') yield* unionFindings(issue, document, path, schema)
    else if (issue.code === 'invalid_key') yield invalidKey(issue, path)
    else yield plainFinding(issue, document, path)
  }
}

const invalidKey = ({ issues, message }: z.core.$ZodIssueInvalidKey, path: Path): Finding => ({
  path,
  at: 'key',
  code: 'INVALID',
  message: issues[0]?.message ?? message,
  hint: undefined
})

function plainFinding(issue: Issue, document: unknown, path: Path): Finding {
  const value = valueAt(document, path)
  const code = value === undefined ? 'MISSING' : 'INVALID'
  return { path, at: 'value', code, message: issue.message, hint: hintFor(issue, value) }
}

function hintFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.['hint']
    return typeof hint === 'string' ? hint : undefined
  }
  if (issue.code === 'invalid_value' && typeof value === 'string')
    return didYouMean(nearest(value, issue.values.map(String)))
  const unquoted = typeof value === 'number' || typeof value === 'boolean'
  return unquoted && issue.message.startsWith('must be a string') ? 'put it in quotes' : undefined
}

/** The faults inside the one alternative that was meant, if its kind of value tells which; else of the whole. */
function* unionFindings(
  issue: z.core.$ZodIssueInvalidUnion,
  document: unknown,
  path: Path,
  schema: z.core.$ZodType
): Generator<Finding> {
  const meant = issue.errors.find(
    issues => !issues.some(({ code, path: inner }) => inner.length === 0 && kindIssues.has(code))
  )
  if (meant === undefined) yield plainFinding(issue, document, path)
  else yield* issueFindings(meant, document, schema, path)
}

const kindIssues = new Set<string>(['invalid_type', 'invalid_value'])

function* unknownFields(keys: readonly string[], path: Path, schema: z.core.$ZodType): Generator<Finding> {
  const names = fieldNames(schema, path)
  for (const key of keys) {
    const hint = didYouMean(meantField(key, names))
    yield { path: [...path, key], at: 'key', code: 'UNKNOWN_FIELD', message: 'unknown field', hint }
  }
}

/** A field that was put one level too high, else the one that is spelled most alike, here before one level down. */
function meantField(key: string, { own, inner }: FieldNames): string | undefined {
  const misplaced = inner.find(name => lastPart(name) === key)
  if (misplaced !== undefined) return misplaced
  const alike = nearest(key, own)
  if (alike !== undefined) return alike
  const below = nearest(key, inner.map(lastPart))
  return inner.find(name => lastPart(name) === below)
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

const didYouMean = (meant: string | undefined): string | undefined =>
  meant === undefined ? undefined : `did you mean '${meant}'?`
