import type * as z from 'zod'
import { found } from './found.ts'
import { isMapping } from './rule.ts'

/** The entries of a list must have names of their own. */
export function checkUniqueNames(entries: readonly unknown[], context: Pick<z.core.$RefinementCtx, 'addIssue'>): void {
  const names = new Set<unknown>()
  for (const [i, entry] of entries.entries()) {
    const name = isMapping(entry) ? entry['name'] : undefined
    if (names.has(name)) {
      const message = `must be unique, but another one is called ${found(name)}`
      context.addIssue({ code: 'custom', path: [i, 'name'], message })
    }
    names.add(name)
  }
}
