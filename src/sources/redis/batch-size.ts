import type { StreamEntry } from './group-reader.ts'

/** Octets of entries that are read at once, more or less. */
const targetOctets = 4 * 2 ** 20
const most = 256

/** How many entries to read at once, by the size of those that came: large ones are read one at a time. */
export class BatchSize {
  #count = 16

  get count(): number {
    return this.#count
  }

  saw(entries: readonly StreamEntry[]): void {
    if (entries.length === 0) return
    const octets = entries.reduce((sum, { fields }) => sum + sizeOf(fields), 0)
    this.#count = Math.min(most, Math.max(1, Math.floor((targetOctets * entries.length) / octets)))
  }
}

const sizeOf = (fields: StreamEntry['fields']): number =>
  fields.reduce((sum, [name, value]) => sum + name.length + value.length, 1)
