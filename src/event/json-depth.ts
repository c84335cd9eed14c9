/** JSON nested deeper is refused: recursive parsers at a step would fall over it. */
export const maxJsonDepth = 1000

/** Whether arrays and objects are nested deeper than `max`; reads octets, not values, so it takes any garbage. */
export function jsonDepthExceeds(json: Uint8Array, max: number): boolean {
  let depth = 0
  for (let i = 0; i < json.length; i++) {
    const octet = json[i]
    if (octet === 0x22) i = endOfString(json, i)
    else if (octet === 0x7b || octet === 0x5b) {
      if (++depth > max) return true
    } else if (octet === 0x7d || octet === 0x5d) depth--
  }
  return false
}

/** The index of the quote that ends the string which begins at `start`; the end of the octets when none does. */
function endOfString(json: Uint8Array, start: number): number {
  let i = start + 1
  while (i < json.length && json[i] !== 0x22) i += json[i] === 0x5c ? 2 : 1
  return i
}
