import { createConnector } from './connect.ts'
import type { EgressCheck } from './egress.ts'
import { Origin } from './origin.ts'

/** Origins kept; beyond it the one that was not used for longest is closed, if it is idle. */
const maxOrigins = 1024

/** The origins in use, made on first use. */
export interface Origins extends AsyncDisposable {
  get(origin: string, caCerts: string | undefined): Origin
  /** What is left of the retry budget of each, from 0 to 1. */
  budgets(): Iterable<{ readonly origin: string; readonly ratio: number }>
}

/** `connections`: to each origin at most. */
export function createOrigins(check: EgressCheck, connections: number): Origins {
  // In order of use, the longest unused first.
  const origins = new Map<string, Origin>()
  const plain = createConnector(check, undefined)

  const create = (name: string, caCerts: string | undefined): Origin => {
    if (origins.size >= maxOrigins) closeUnused(origins)
    return new Origin(name, {
      connect: caCerts === undefined ? plain : createConnector(check, caCerts),
      connections
    })
  }

  return {
    get(name, caCerts) {
      const key = caCerts === undefined ? name : `${name} ${caCerts}`
      const origin = origins.get(key) ?? create(name, caCerts)
      origins.delete(key)
      origins.set(key, origin)
      return origin
    },
    *budgets() {
      for (const { name, budget } of origins.values()) yield { origin: name, ratio: budget.ratio() }
    },
    async [Symbol.asyncDispose]() {
      const all = [...origins.values()]
      origins.clear()
      await Promise.all(all.map(origin => origin[Symbol.asyncDispose]()))
    }
  }
}

function closeUnused(origins: Map<string, Origin>): void {
  for (const [key, origin] of origins) {
    if (!origin.idle) continue
    origins.delete(key)
    void origin[Symbol.asyncDispose]()
    return
  }
}
