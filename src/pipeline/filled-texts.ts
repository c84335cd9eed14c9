import { fillIn, type Environment } from './environment.ts'
import { isMapping } from './spec/rule.ts'

/** Where a text stands in which `${NAME}` is an environment variable. */
export interface FilledPlace {
  readonly path: readonly (string | number)[]
  readonly field: FilledField
}

export type FilledField = 'uri' | 'CACerts' | 'headers' | 'run' | 'redisStream'

/** The result for a text. */
type Change = (text: string, place: FilledPlace) => string

type Path = FilledPlace['path']

/** In these fields a key of that name is anything: data of a person, a schema, attributes of events. */
export const foreignKeys: ReadonlySet<string> = new Set([
  'data',
  'contract',
  'channelTemplate',
  'resources',
  'when',
  'scale',
  'access'
])

/** Of these mappings, the texts in some fields, and in what those hold. */
const inner: Readonly<Record<string, { readonly field: FilledField; readonly keys: readonly string[] }>> = {
  run: { field: 'run', keys: ['command', 'env', 'cwd'] },
  redisStream: { field: 'redisStream', keys: ['url'] }
}

/** A spec, or a part of it, with each such text changed; itself where none is. */
export function changeTexts(value: unknown, path: Path, change: Change): unknown {
  if (Array.isArray(value)) return changeList(value, (entry, i) => changeTexts(entry, [...path, i], change))
  return changeMapping(value, (field, key) => changeField(field, key, [...path, key], change))
}

/** A spec for the environment: headers stay as they were written, since they are filled in at each call. */
export function fillSpec<Spec>(spec: Spec, environment: Environment): Spec {
  const filled = changeTexts(spec, [], (text, { field }) =>
    field === 'headers' ? text : fillIn(text, environment).text
  )
  // Texts became texts.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return filled as Spec
}

function changeField(value: unknown, key: string, path: Path, change: Change): unknown {
  if (foreignKeys.has(key)) return value
  if (key === 'uri' || key === 'CACerts') {
    return typeof value === 'string' ? change(value, { path, field: key }) : value
  }
  if (key === 'headers') return changeMapping(value, (header, name) => changeHeader(header, [...path, name], change))
  const texts = Object.hasOwn(inner, key) ? inner[key] : undefined
  if (texts === undefined) return changeTexts(value, path, change)
  const { field, keys } = texts
  return changeMapping(value, (each, name) =>
    keys.includes(name) ? changeAll(each, field, [...path, name], change) : each
  )
}

/** A text, or a mapping whose `prefix` and `file` are texts: the name of a variable is not looked up in another one. */
function changeHeader(value: unknown, path: Path, change: Change): unknown {
  if (typeof value === 'string') return change(value, { path, field: 'headers' })
  return changeMapping(value, (part, key) =>
    typeof part === 'string' && key !== 'env' ? change(part, { path: [...path, key], field: 'headers' }) : part
  )
}

/** Every text in a value. */
function changeAll(value: unknown, field: FilledField, path: Path, change: Change): unknown {
  if (typeof value === 'string') return change(value, { path, field })
  if (Array.isArray(value)) return changeList(value, (entry, i) => changeAll(entry, field, [...path, i], change))
  return changeMapping(value, (each, key) => changeAll(each, field, [...path, key], change))
}

function changeList(list: readonly unknown[], change: (entry: unknown, index: number) => unknown): readonly unknown[] {
  const changed = list.map(change)
  return changed.every((entry, i) => entry === list[i]) ? list : changed
}

function changeMapping(value: unknown, change: (value: unknown, key: string) => unknown): unknown {
  if (!isMapping(value)) return value
  const entries = Object.entries(value)
  const changed = entries.map(([key, each]) => [key, change(each, key)] as const)
  return changed.every(([, each], i) => each === entries[i]?.[1]) ? value : Object.fromEntries(changed)
}
