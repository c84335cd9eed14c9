import type { CloudEvent } from '../event/event.ts'
import { jsonOf } from '../event/json-of.ts'

/** A branch by its name, with what it replied; `undefined`: it did not. */
export interface JoinedBranch {
  readonly name: string
  readonly event: CloudEvent | undefined
}

/**
 * A JSON object with a member for each branch that replied. Throws EXPRESSION_FAILED for data that is not the JSON that
 * it claims to be.
 */
export function mergeData(branches: readonly JoinedBranch[]): Uint8Array {
  const members = branches.flatMap(({ name, event }) =>
    event === undefined ? [] : [[Buffer.from(`${JSON.stringify(name)}:`), jsonOf(event)]]
  )
  return between('{', members, '}')
}

/** A JSON array with an element for each branch, null for one that did not reply. Throws as `mergeData` does. */
export const arrayData = (branches: readonly JoinedBranch[]): Uint8Array =>
  between(
    '[',
    branches.map(({ event }) => [event === undefined ? Buffer.from('null') : jsonOf(event)]),
    ']'
  )

function between(start: string, parts: readonly (readonly Uint8Array[])[], end: string): Uint8Array {
  const comma = Buffer.from(',')
  const listed = parts.flatMap((part, i) => (i === 0 ? part : [comma, ...part]))
  return Buffer.concat([Buffer.from(start), ...listed, Buffer.from(end)])
}
