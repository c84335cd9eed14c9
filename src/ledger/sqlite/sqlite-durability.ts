import { resolve } from 'node:path'
import type { Durability } from '../durability.ts'

/**
 * The meaning of a 202 on the file, or on `:memory:`; known before it is opened, since it is opened in one way only,
 * but for what is found then.
 */
export function sqliteDurability(path: string, found: readonly string[] = []): Durability {
  if (path !== ':memory:') {
    const summary = `sqlite file ${resolve(path)}: survives kill -9 and power loss (WAL, synchronous=FULL)`
    return { level: 3, summary, warnings: found }
  }
  const warning = 'accepted requests are lost when the gateway ends; name a file: --store sqlite:./sluice.db'
  return { level: 0, summary: 'sqlite in memory: survives nothing', warnings: [warning] }
}
