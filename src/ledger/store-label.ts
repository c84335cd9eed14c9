import { readRedisAddress } from './redis/redis-address.ts'
import { sqlitePath } from './sqlite-path.ts'

/** The store as it may be shown: a Redis URL without its user and its passwords. */
export const storeLabel = (store: string): string => (sqlitePath(store) === undefined ? redisLabel(store) : store)

function redisLabel(url: string): string {
  const scheme = url.slice(0, url.indexOf(':'))
  try {
    return `${scheme}://${readRedisAddress(url).place}`
  } catch {
    // What cannot be taken apart may have its password anywhere.
    return `${scheme}://…`
  }
}
