/**
 * A header value without the white space around it, which is not part of it (RFC 9110 section 5.5). Not every parser
 * takes it away, and nearly no value has any.
 */
export function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  return end - start === value.length ? value : value.slice(start, end)
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
