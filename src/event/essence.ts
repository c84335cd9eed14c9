/*
 * Media types as they really come, also those that break the grammar of RFC 9110: what labels data is passed on to the
 * letter, and only as much of it is understood as something here depends on.
 */

/** The label of most data, which needs no look. */
const usual = 'application/json'

/** The part before the first `;` or `,`, in lower case: `type/subtype`, where it is a media type at all. */
export function essenceOf(value: string): string {
  if (value === usual) return value
  const end = value.search(endOfEssence)
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase()
}

const endOfEssence = /[;,]/

/** Whether `type/subtype` stands at the front, whatever follows. */
export const beginsWithMediaType = (value: string): boolean => value === usual || mediaTypeAtFront.test(value)

const mediaTypeAtFront = /^[\t ]*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+(?:[\t ;,]|$)/

/** The first parameter `charset`, in lower case; `undefined`: it is not given. */
export function charsetOf(value: string): string | undefined {
  for (const [, name = '', quoted, plain] of value.matchAll(parameter)) {
    if (name.toLowerCase() === 'charset') return (quoted ?? plain ?? '').toLowerCase()
  }
  return undefined
}

const parameter = /;[\t ]*([^\s;,="]+)[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g
