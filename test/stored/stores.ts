import { afterAll, beforeAll } from 'vitest'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'

/** A gateway can keep its stored requests in any of these. */
export const storeKinds = ['SQLite', 'Redis'] as const

export type StoreKind = (typeof storeKinds)[number]

const databases = 1000

/** To be called in `describe`: gives `--store` of an empty store each time; all of them are gone after the tests. */
export function storesOf(kind: StoreKind): () => string {
  let server: RedisServer | undefined
  let folder: TempFolder | undefined
  let count = 0
  beforeAll(async () => {
    if (kind === 'Redis') server = await startRedis({ args: ['--databases', String(databases)] })
    else folder = await createTempFolder()
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })
  return () => {
    count++
    return server === undefined ? `sqlite:${folder?.path}/${count}.db` : `${server.url}/${count}`
  }
}
