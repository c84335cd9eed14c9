/** White space, printable ASCII, and octets beyond it, which HTTP lets pass. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/

/** Why a text cannot be the value of a header, without the text; `undefined`: it can. */
export function headerValueFault(text: string): string | undefined {
  if (sendable.test(text)) return undefined
  if (/[\r\n]/.test(text)) return 'must not contain a line break'
  return 'must not contain control characters, nor letters that HTTP headers cannot carry'
}
