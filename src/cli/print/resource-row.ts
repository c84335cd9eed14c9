import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { shownName } from '../resource-path.ts'
import { age } from './age.ts'

export const resourceColumns = ['name', 'phase', 'ready', 'steps', 'inflight', 'pending', 'deadletters', 'age']

/** Pipelines as lines of a table. Both kinds of one name are two lines, the second named as commands name a Pipeline. */
export function resourceRows(resources: readonly Fields[]): readonly Fields[] {
  const serving = servingNames(resources)
  return resources.map(resource => {
    const row = resourceRow(resource)
    return isSecond(resource, serving) ? { ...row, name: `pipeline/${nameOf(resource)}` } : row
  })
}

/** Why they are not as they should be, a text for each reason; both kinds of one name have one status. */
export function troublesOf(resources: readonly Fields[]): readonly string[] {
  const serving = servingNames(resources)
  return resources.filter(resource => !isSecond(resource, serving)).flatMap(troubles)
}

const servingNames = (resources: readonly Fields[]): ReadonlySet<string> =>
  new Set(resources.filter(({ kind }) => kind !== 'Pipeline').map(nameOf))

const isSecond = (resource: Fields, serving: ReadonlySet<string>): boolean =>
  resource['kind'] === 'Pipeline' && serving.has(nameOf(resource))

function resourceRow(resource: Fields): Fields {
  const metadata = mapping(resource['metadata'])
  const status = mapping(resource['status'])
  return {
    name: nameOf(resource),
    phase: status['phase'],
    ready: conditionsOf(resource).find(({ type }) => type === 'Ready')?.['status'],
    steps: Array.isArray(status['steps']) ? status['steps'].length : undefined,
    inflight: status['inFlight'],
    pending: status['pending'],
    deadletters: status['deadLetters'],
    age: age(metadata['creationTimestamp'])
  }
}

const troubles = (resource: Fields): readonly string[] =>
  conditionsOf(resource)
    .filter(isTrouble)
    .map(({ type, reason, message }) => `${nameOf(resource)}: ${String(type)} (${String(reason)}): ${String(message)}`)

export function nameOf(resource: Fields): string {
  const { namespace, name } = mapping(resource['metadata'])
  return shownName({ namespace: String(namespace), name: String(name) })
}

const wellWhenFalse = new Set<unknown>(['Conflict'])

const isTrouble = ({ type, status, reason }: Fields): boolean =>
  reason === 'NewGenerationNotReady' || status === (wellWhenFalse.has(type) ? 'True' : 'False')

function conditionsOf(resource: Fields): readonly Fields[] {
  const { conditions } = mapping(resource['status'])
  return Array.isArray(conditions) ? conditions.filter(isMapping) : []
}

const mapping = (value: unknown): Fields => (isMapping(value) ? value : {})
