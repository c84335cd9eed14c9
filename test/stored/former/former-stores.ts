import { copyFile, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { StoreKind } from '../stores.ts'

/**
 * The ids of the requests in a store that an earlier gateway left when it was killed. Its pipeline `default/test` had the
 * steps `a`, `s`, `c`, and the data of each request is `{"n": …}` with its name here.
 */
export interface FormerRequests {
  /** With the idempotency key `known`. */
  readonly replied: string
  /** Failed at `s`. */
  readonly letter: string
  /** `a` is behind it; `s` was being called. */
  readonly open: string
  /** Accepted, and not begun. */
  readonly waiting: string
}

export interface FormerStore extends AsyncDisposable {
  /** As for `--store`. */
  readonly url: string
  readonly requests: FormerRequests
}

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/stores/${name}`, import.meta.url))

/** The formats of records, each with a store that the last version wrote before the next came. */
export const formerFormats = ['format-1', 'format-2'] as const

/** A copy of the store, in a server of its own if it is one. */
export async function openFormerStore(format: string, kind: StoreKind): Promise<FormerStore> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const ending = kind === 'SQLite' ? 'sqlite' : 'rdb'
  await copyFile(fixture(`${format}.${ending}`), `${folder.path}/former.${ending}`)
  const requests: FormerRequests = JSON.parse(await readFile(fixture(`${format}.${ending}.json`), 'utf8'))
  const url =
    kind === 'SQLite'
      ? `sqlite:${folder.path}/former.sqlite`
      : opened.use(await startRedis({ args: ['--dir', folder.path, '--dbfilename', 'former.rdb'] })).url
  const owned = opened.move()
  return { url, requests, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
