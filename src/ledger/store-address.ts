import type { Durability } from './durability.ts'
import { readRedisAddress } from '../redis/redis-address.ts'
import { sqliteObstacle } from './sqlite/obstacle.ts'
import { sqliteDurability } from './sqlite/sqlite-durability.ts'

/** The store that `--store` names, as far as it is known without opening it. */
export interface StoreAddress {
  /** As it may be shown: a Redis URL without its user and its passwords. */
  readonly label: string
  /** The file, or `:memory:`; `undefined`: the store is a Redis. */
  readonly path: string | undefined
  /** One process of a gateway holds the store for all of them; each connects to any other by itself. */
  readonly hosted: boolean
  /** The meaning of a 202; `undefined`: only the open store can tell. */
  readonly durability: Durability | undefined
  /** The reason why the store could not be opened now, where that shows without opening it. */
  obstacle(): string | undefined
}

const scheme = 'sqlite:'

/** `store`: `sqlite:PATH`, `sqlite::memory:`, or a Redis URL. */
export function storeAddress(store: string): StoreAddress {
  if (!store.startsWith(scheme)) {
    return {
      label: redisLabel(store),
      path: undefined,
      hosted: false,
      durability: undefined,
      obstacle: () => undefined
    }
  }
  const path = store.slice(scheme.length)
  return { label: store, path, hosted: true, durability: sqliteDurability(path), obstacle: () => sqliteObstacle(path) }
}

function redisLabel(url: string): string {
  const name = url.slice(0, url.indexOf(':'))
  try {
    return `${name}://${readRedisAddress(url).place}`
  } catch {
    // A URL that cannot be taken apart may have its password anywhere.
    return `${name}://…`
  }
}
