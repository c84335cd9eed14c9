import { durationPattern } from '../../pipeline/duration.ts'
import { durationRule, rulesOf } from './cel-rules.ts'

/** A node of a JSON Schema as zod writes it. */
export interface JsonNode {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonNode>>
  readonly additionalProperties?: JsonNode | boolean
  readonly required?: readonly string[]
  readonly items?: JsonNode
  readonly anyOf?: readonly JsonNode[]
  readonly pattern?: string
}

/** A node of a structural schema. */
export type Structural = Readonly<Record<string, unknown>>

export interface StructuralOptions {
  readonly definitions: Readonly<Record<string, JsonNode>>
  /** Steps are typed so many levels deep; those below are any object. */
  readonly stepLevels: number
}

/** How far a node lies below the top: descriptions and rules stand on the first level alone, so that the whole stays small. */
interface Place extends StructuralOptions {
  readonly level: number
  readonly field: string
}

const anything: Structural = { 'x-kubernetes-preserve-unknown-fields': true }
const anyObject: Structural = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** Keywords that mean the same to Kubernetes. */
const kept = [
  'type',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum'
] as const

/**
 * The part of a JSON Schema that Kubernetes can check: without references and alternatives, and with a type everywhere. It
 * takes everything else as it is.
 */
export const structural = (node: JsonNode, options: StructuralOptions): Structural =>
  convert(node, { ...options, level: 0, field: '' })

function convert(written: JsonNode, place: Place): Structural {
  const { node, name, level } = resolved(written, place)
  if (level > place.stepLevels) return anyObject
  const isFirst = level <= 1
  const description = isFirst && node.description !== undefined ? { description: node.description } : {}
  if (typeof node.type !== 'string') return { ...description, ...alternatives(node) }
  const at = { ...place, level }
  const fields = new Set(Object.keys(node.properties ?? {}))
  const rules = isFirst && node.type === 'object' ? rulesOf(name, place.field, fields) : []
  return {
    ...description,
    ...simple(node),
    ...duration(node, isFirst),
    ...members(node, at),
    ...(node.items !== undefined && { items: convert(node.items, at), 'x-kubernetes-list-type': 'atomic' }),
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules })
  }
}

function resolved(written: JsonNode, { definitions, level }: Place): Resolved {
  if (written.$ref === undefined) return { node: written, name: undefined, level }
  const name = written.$ref.slice(written.$ref.lastIndexOf('/') + 1)
  const node: JsonNode = { ...definitions[name], ...written }
  return { node, name, level: name === 'Step' ? level + 1 : level }
}

interface Resolved {
  readonly node: JsonNode
  readonly name: string | undefined
  readonly level: number
}

function simple(node: JsonNode): Structural {
  const found = Object.fromEntries(kept.flatMap(key => (node[key] === undefined ? [] : [[key, node[key]]])))
  if (found['pattern'] === durationPattern) delete found['pattern']
  if (node['const'] !== undefined) found['enum'] = [node['const']]
  if (typeof node['exclusiveMinimum'] === 'number') {
    Object.assign(found, { minimum: node['exclusiveMinimum'], exclusiveMinimum: true })
  }
  return found
}

/** In our words where a rule may stand; Kubernetes cannot read the pattern itself. */
function duration({ pattern }: JsonNode, isFirst: boolean): Structural {
  if (pattern !== durationPattern) return {}
  return isFirst ? { maxLength: 64, 'x-kubernetes-validations': [durationRule] } : { maxLength: 64 }
}

function members({ type, properties, required, additionalProperties }: JsonNode, at: Place): Structural {
  if (type !== 'object') return {}
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(([field, node]) => [field, convert(node, { ...at, field })])
    return { properties: Object.fromEntries(fields), ...(required !== undefined && { required }) }
  }
  if (typeof additionalProperties === 'object') {
    return { additionalProperties: convert(additionalProperties, { ...at, field: '' }) }
  }
  return { 'x-kubernetes-preserve-unknown-fields': true }
}

/** Of several types; a whole number or a text is the one choice that Kubernetes has a word for. */
function alternatives({ anyOf = [] }: JsonNode): Structural {
  const types = anyOf.map(({ type }) => type)
  const isEither = types.length > 0 && types.every(type => type === 'string' || type === 'integer')
  return isEither && types.includes('integer') ? { 'x-kubernetes-int-or-string': true } : anything
}
