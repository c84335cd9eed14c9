/** The answer of Redis, read as the command promises it. A script that answers anything else is a defect. */
export function readNumber(reply: unknown): number {
  if (typeof reply === 'number') return reply
  return Number(readText(reply))
}

export const readText = (reply: unknown): string => readBytes(reply).toString()

export function readBytes(reply: unknown): Buffer {
  if (reply instanceof Buffer) return reply
  throw new TypeError(`Redis answered ${typeof reply} in place of a string`)
}

export function readList(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new TypeError(`Redis answered ${typeof reply} in place of a list`)
}

/** Names and values by turns, as HGETALL and CONFIG GET answer. */
export function readFields(reply: unknown): ReadonlyMap<string, Buffer> {
  const list = readList(reply)
  const fields = new Map<string, Buffer>()
  for (let i = 0; i + 1 < list.length; i += 2) {
    const value = list[i + 1]
    if (value instanceof Buffer) fields.set(readText(list[i]), value)
  }
  return fields
}
