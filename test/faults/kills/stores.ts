import { join } from 'node:path'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'

/** A store that outlives the gateways. */
export interface OutlivingStore extends AsyncDisposable {
  readonly url: string
}

/** By their names, with how many gateways may use one at a time. */
export const stores = {
  sqlite: { open: openSqlite, replicas: 1 },
  redis: { open: (): Promise<OutlivingStore> => startRedis(), replicas: 2 }
} as const

export type StoreName = keyof typeof stores

export const storeNames: readonly StoreName[] = ['sqlite', 'redis']

async function openSqlite(): Promise<OutlivingStore> {
  const folder = await createTempFolder()
  return { url: `sqlite:${join(folder.path, 'test.db')}`, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}
