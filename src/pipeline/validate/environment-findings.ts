import { eachStep } from '../spec/each-step.ts'
import { isMapping } from '../spec/rule.ts'
import { eachHeader } from '../each-header.ts'
import { fillIn, type Environment } from '../environment.ts'
import { changeTexts, type FilledPlace } from '../filled-texts.ts'
import { headerValueFault } from '../header-value-fault.ts'
import { isPem } from '../spec/ca-certs-spec.ts'
import { filledUriFault } from '../spec/destination-spec.ts'
import type { Finding } from './finding.ts'
import { valueAt } from './value-at.ts'

/**
 * The faults of a document where it is to be served: variables that are not set, what they make of a field, and
 * sources of secrets that are elsewhere. The value of a variable is repeated nowhere.
 */
export function environmentFindings(document: unknown, environment: Environment): Finding[] {
  const findings: Finding[] = []
  const spec = valueAt(document, ['spec'])
  changeTexts(spec, ['spec'], (text, place) => {
    findings.push(...textFindings(text, place, document, environment))
    return text
  })
  for (const { path, value } of eachHeader(spec, ['spec'])) {
    if (valueAt(value, ['secretKeyRef']) !== undefined) findings.push(elsewhere([...path, 'secretKeyRef']))
  }
  findings.push(...processFindings(spec))
  return findings
}

/** The parts of `run` that only Kubernetes has. */
function* processFindings(spec: unknown): Generator<Finding> {
  for (const { path, step } of eachStep(valueAt(spec, ['steps']), ['spec', 'steps'])) {
    yield* canaryFindings(path, step['traffic'])
    const { run } = step
    if (!isMapping(run)) continue
    const at = [...path, 'run']
    if (run['command'] === undefined && run['image'] !== undefined) {
      yield {
        path: at,
        at: 'key',
        code: 'MISSING',
        message: "needs a 'command': images run on Kubernetes",
        hint: undefined
      }
    }
    for (const [name, value] of isMapping(run['env']) ? Object.entries(run['env']) : []) {
      if (isMapping(value)) yield { ...elsewhere([...at, 'env', name]), hint: 'write a text' }
    }
  }
}

/** Entries of traffic whose images would have to be deployed. */
function* canaryFindings(path: Finding['path'], traffic: unknown): Generator<Finding> {
  for (const [i, entry] of Array.isArray(traffic) ? traffic.entries() : []) {
    if (!isMapping(entry) || entry['run'] === undefined) continue
    yield {
      path: [...path, 'traffic', i, 'run'],
      at: 'key',
      code: 'NOT_SUPPORTED',
      message: 'is deployed on Kubernetes, and this gateway runs elsewhere',
      hint: "write the 'uri' of what runs there"
    }
  }
}

function* textFindings(
  text: string,
  { path, field }: FilledPlace,
  document: unknown,
  environment: Environment
): Generator<Finding> {
  const filled = fillIn(text, environment)
  if (filled.text === text && filled.unset.length === 0) return
  const invalid = (message: string, hint?: string): Finding => ({ path, at: 'value', code: 'INVALID', message, hint })
  for (const name of new Set(filled.unset))
    yield invalid(`the environment variable ${name} is not set`, hintFor(name, field))
  if (filled.unset.length > 0) return
  const message = filledFault(filled.text, field, valueAt(document, [...path.slice(0, -1), 'ref']) !== undefined)
  if (message !== undefined) yield invalid(message)
}

const hintFor = (name: string, field: FilledPlace['field']): string =>
  field === 'run' && (name === 'PORT' || name === 'HOST')
    ? `the process has it in its environment: let a shell read it as $${name}, or write $\${${name}} for a literal one`
    : `set it, or write \${${name}:-VALUE}`

function filledFault(text: string, field: FilledPlace['field'], besideRef: boolean): string | undefined {
  switch (field) {
    case 'uri':
      return filledUriFault(text, besideRef)
    case 'CACerts':
      return isPem(text) ? undefined : 'must be certificates in PEM with its variables filled in'
    case 'headers': {
      const fault = headerValueFault(text)
      return fault && `${fault}, and does with its variables filled in`
    }
    default:
      return undefined
  }
}

const elsewhere = (path: Finding['path']): Finding => ({
  path,
  at: 'key',
  code: 'NOT_SUPPORTED',
  message: 'is read on Kubernetes, and this gateway runs elsewhere',
  hint: 'write {env: NAME} or {file: PATH}'
})
