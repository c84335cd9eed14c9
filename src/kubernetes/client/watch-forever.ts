import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient, Query } from './api-client.ts'
import { apiFailure, ApiFailure } from './api-failure.ts'
import { listPages } from './list-pages.ts'
import type { KubernetesObject } from './object.ts'
import { PauseBetween } from './pause-between.ts'

/** Bookmarks come once a minute: a connection that says nothing for longer than this has been forgotten. */
const silenceMs = 90_000
/** The API server ends a watch after about so long, in seconds; not all at the same time. */
const watchSeconds = 300
/** A list after 410 waits up to so long, since everybody else has to make one too. */
const relistMs = 1_000

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface WatchOptions<T, K> {
  readonly path: string
  readonly query?: Query
  /** Makes of an object what is kept of it, as soon as it was read. */
  readonly project: (object: T) => K
  /** All that there is now, in place of all that was. */
  readonly onList: (items: readonly K[]) => void
  readonly onChange: (type: ChangeType, item: K) => void
  /** The API server cannot be asked; it is tried again. */
  readonly onAway: (cause: unknown) => void
  /** It says what changes from here on. */
  readonly onConnected?: () => void
  readonly signal: AbortSignal
  /** For tests. */
  readonly idleMs?: number
}

interface WatchEvent {
  readonly type: ChangeType | 'BOOKMARK' | 'ERROR'
  readonly object: KubernetesObject
}

/** Lists and follows until the signal ends it, through whatever becomes of the API server. Does not throw. */
export async function watchForever<T extends KubernetesObject, K>(
  client: ApiClient,
  options: WatchOptions<T, K>
): Promise<void> {
  const { signal, onAway } = options
  const pause = new PauseBetween()
  const at: Position = { version: undefined, isAgain: false }
  while (!signal.aborted) {
    try {
      const startedAt = performance.now()
      await follow(client, options, at, pause)
      // The API server ends watches now and then; one that ends them at once is not asked in a hurry.
      if (performance.now() - startedAt < 1_000) await delay(pause.next(), undefined, { signal })
    } catch (thrown) {
      if (signal.aborted) return
      const isExpired = thrown instanceof ApiFailure && thrown.status === 410
      if (isExpired) Object.assign(at, { version: undefined, isAgain: true })
      else onAway(thrown)
      const waitMs = isExpired ? Math.random() * relistMs : pause.nextAfter(thrown)
      await delay(waitMs, undefined, { signal }).catch(() => {})
    }
  }
}

/** Where a watch stands: the last version that was told; `undefined`: a list is needed. */
interface Position {
  version: string | undefined
  isAgain: boolean
}

/** Until the stream ends. */
async function follow<T extends KubernetesObject, K>(
  client: ApiClient,
  { path, query = {}, project, onList, onChange, onConnected, signal, idleMs = silenceMs }: WatchOptions<T, K>,
  at: Position,
  pause: PauseBetween
): Promise<void> {
  if (at.version === undefined) {
    const { items, resourceVersion } = await listPages(client, path, query, project, signal)
    onList(items)
    at.version = resourceVersion
  }
  const timeoutSeconds = Math.round(watchSeconds * (1 + Math.random()))
  const watching = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion: at.version, timeoutSeconds }
  const lines = await client.lines(path, watching, idleMs, signal)
  // It counts that it listens, not that it says something: nothing may change for hours.
  pause.reset()
  onConnected?.()
  for await (const line of lines) {
    if (line === '') continue
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a watch sends, by the API's own rules
    const { type, object } = JSON.parse(line) as WatchEvent
    if (type === 'ERROR') throw apiFailure(0, object, undefined)
    at.version = object.metadata.resourceVersion
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the objects of this path
    if (type !== 'BOOKMARK') onChange(type, project(object as T))
  }
}
