import { resolve } from 'node:path'
import { eachHeader } from './each-header.ts'
import { isMapping } from './spec/rule.ts'

/** A spec, or a part of it, whose files of header values are found from another folder than the one that it was written for. */
export function rebased<Part extends object>(part: Part, from: string, to: string): Part {
  if (from === to || !eachFile(part).some(() => true)) return part
  const copy = structuredClone(part)
  for (const value of eachFile(copy)) value['file'] = resolve(from, String(value['file']))
  return copy
}

const eachFile = (part: object): Record<string, unknown>[] =>
  [...eachHeader(part, [])].flatMap(({ value }) =>
    // Of a copy of our own, or only looked at.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    isMapping(value) && typeof value['file'] === 'string' && !value['file'].startsWith('${')
      ? [value as Record<string, unknown>]
      : []
  )
