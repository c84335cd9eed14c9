import type { ApiClient, Query } from './api-client.ts'
import { isFailure } from './api-failure.ts'

/** Objects of a page: a thousand pipelines are two or three. */
const pageSize = 500

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly T[]
}

export interface Listed<T> {
  readonly items: readonly T[]
  /** From where a watch goes on. */
  readonly resourceVersion: string
}

/**
 * Every object of a path as one moment had it, page by page; `project` makes of each what is kept. A list that went on
 * for too long for the API server begins anew, without pages. Throws what the client throws.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says which objects stand at its path
export async function listPages<T, K>(
  client: ApiClient,
  path: string,
  query: Query,
  project: (object: T) => K,
  signal?: AbortSignal
): Promise<Listed<K>> {
  const items: K[] = []
  let limit: number | undefined = pageSize
  for (let next: string | undefined; ;) {
    try {
      const options: { query: Query; signal?: AbortSignal } = { query: { ...query, limit, continue: next } }
      if (signal !== undefined) options.signal = signal
      const page: Page<T> = await client.call('GET', path, options)
      items.push(...page.items.map(project))
      next = page.metadata.continue === '' ? undefined : page.metadata.continue
      if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion }
    } catch (thrown) {
      if (next === undefined || !isFailure(thrown, 410)) throw thrown
      items.length = 0
      limit = next = undefined
    }
  }
}
