import { readDefinitions } from '../../control/definitions.ts'
import { formatFault } from '../../pipeline/fault.ts'
import { inOrderOfNeed } from '../../pipeline/in-order-of-need.ts'
import { pipelineKey, type ParsedPipeline } from '../../pipeline/parsed-pipeline.ts'
import { readPipelines } from '../../pipeline/read-pipelines.ts'
import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { callGateway } from '../call-gateway.ts'
import { fail } from '../fail.ts'
import { bearer, fetchFromAdmin } from '../fetch-document.ts'
import { jsonBody } from '../json-body.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { failureText } from '../print/failure-text.ts'
import { plainText } from '../print/plain-text.ts'
import { printDocument } from '../print/print-document.ts'
import { problemText } from '../print/problem-text.ts'
import { resourcePath, shownName } from '../resource-path.ts'

export interface ApplyOptions extends AdminOptions {
  readonly output: OutputFormat
  readonly dryRun?: boolean
}

/** Gives each definition to the gateway, and says what that changed; goes on after a refusal, and fails then. */
export async function applyFiles(files: readonly string[], { output, ...options }: ApplyOptions): Promise<void> {
  const { pipelines, faults } = readPipelines(await readDefinitions(files))
  for (const fault of faults) fail(plainText(formatFault(fault)))
  const results: Fields[] = []
  for (const parsed of inOrderOfNeed(pipelines)) {
    const pipeline = isSecond(parsed, pipelines) ? `pipeline/${shownName(parsed)}` : shownName(parsed)
    try {
      const result = await apply(parsed, options)
      results.push({ pipeline, result })
      if (output === 'table') process.stdout.write(plainText(`${pipeline} ${result}\n`))
    } catch (error) {
      results.push({ pipeline, result: 'refused' })
      fail(`${pipeline}: ${failureText(error)}`)
    }
  }
  if (output !== 'table') await printDocument({ items: results }, output)
}

/** Both kinds of one name are told apart as commands do. */
const isSecond = (parsed: ParsedPipeline, pipelines: readonly ParsedPipeline[]): boolean =>
  parsed.definition.kind === 'Pipeline' &&
  pipelines.some(each => each !== parsed && pipelineKey(each) === pipelineKey(parsed))

type Result = 'created' | 'changed' | 'unchanged' | 'valid'

async function apply(parsed: ParsedPipeline, { dryRun, ...options }: Omit<ApplyOptions, 'output'>): Promise<Result> {
  const path = resourcePath(parsed, parsed.definition.kind)
  const before = await versionAt(path, options)
  const { status: _status, ...definition } = parsed.definition
  const after = await fetchFromAdmin(options, 'PUT', path, { dryRun }, definition)
  if (dryRun === true) return 'valid'
  if (before === undefined) return 'created'
  return before === versionOf(after) ? 'unchanged' : 'changed'
}

/** The version that is there; `undefined`: there is none. */
async function versionAt(path: string, { admin, adminToken }: AdminOptions): Promise<unknown> {
  const headers = bearer(adminToken)
  const answer = await callGateway({ method: 'GET', url: admin + path, headers, data: undefined, namedBy: '--admin' })
  if (answer.status === 404) return undefined
  const document = jsonBody(answer)
  if (answer.status !== 200 || !isMapping(document)) throw new Error(problemText(answer))
  return versionOf(document)
}

const versionOf = ({ metadata }: Fields): unknown => (isMapping(metadata) ? metadata['resourceVersion'] : undefined)
