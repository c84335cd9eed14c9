import type * as z from 'zod'
import { servingPipeline, sourcedPipeline, type WrittenPipeline } from '../spec/serving-pipeline.ts'
import type { Environment } from '../environment.ts'
import { contractFindings } from './contract-findings.ts'
import { environmentFindings } from './environment-findings.ts'
import { explainIssue } from './explain-issue.ts'
import type { Finding } from './finding.ts'
import { foreignDocument } from './foreign-document.ts'
import { issueFindings } from './issue-findings.ts'
import { refusedFields } from './refused-fields.ts'
import { valueAt } from './value-at.ts'
import { stepNameFindings } from './step-name-findings.ts'

export type Validated =
  | { readonly kind: 'valid'; readonly definition: WrittenPipeline }
  | { readonly kind: 'faulty'; readonly findings: Iterable<Finding> }

/** Judges the value of one document; `undefined`: it is not to be served here, so that its variables are just text. */
export function validateDocument(value: unknown, environment: Environment | undefined): Validated {
  const foreign = foreignDocument(value)
  if (foreign !== undefined) return { kind: 'faulty', findings: [foreign] }
  const schema = valueAt(value, ['kind']) === 'Pipeline' ? sourcedPipeline : servingPipeline
  const parsed = schema.safeParse(value, { error: explainIssue })
  const refused = [
    ...refusedFields(value),
    ...contractFindings(value),
    ...stepNameFindings(value),
    ...(environment === undefined ? [] : environmentFindings(value, environment))
  ]
  if (parsed.success && refused.length === 0) return { kind: 'valid', definition: parsed.data }
  return { kind: 'faulty', findings: allFindings(value, parsed.error?.issues ?? [], refused, schema) }
}

function* allFindings(
  value: unknown,
  issues: Parameters<typeof issueFindings>[0],
  refused: readonly Finding[],
  schema: z.ZodObject
): Generator<Finding> {
  yield* issueFindings(issues, value, schema)
  yield* refused
}
