import { sqlitePath } from './sqlite-path.ts'
import { sqliteObstacle } from './sqlite/obstacle.ts'

/** Why the store that `--store` names could not be opened now, where that shows without opening it. */
export function storeObstacle(store: string): string | undefined {
  const path = sqlitePath(store)
  return path === undefined ? undefined : sqliteObstacle(path)
}
