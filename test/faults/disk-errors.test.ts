import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmallDisk, limitFileSize } from '../helpers/small-disk.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoreLoad, type StoreLoad } from './store-load.ts'
import { startStoreScene, type StoreScene } from './store-scene.ts'
import { expectPromisesKept, isRefusal, waitForRecovery, waitForRefusals } from './store-verdict.ts'

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

describe('under load, a gateway', () => {
  it('refuses and still tells of stored requests while its disk is full, and goes on when it has space', async () => {
    const disk = held.use(await createSmallDisk(64))
    const { scene, load } = await open(disk.path)
    await disk.fill(scene.gateway.pid)
    await waitForRefusals(load, 50)
    expect(await statusOf(scene, load)).toBe('replied')
    await disk.free(scene.gateway.pid)
    await recover(scene, load)
    await expectRows(disk.path, scene, load)
  })

  it('refuses and still tells of stored requests while writes to its file fail, and goes on when they do not', async () => {
    const folder = held.use(await createTempFolder())
    const { scene, load } = await open(folder.path)
    await limitFileSize('65536', scene.gateway.pid)
    await waitForRefusals(load, 50)
    expect(await statusOf(scene, load)).toBe('replied')
    await limitFileSize('unlimited', scene.gateway.pid)
    await recover(scene, load)
    await expectRows(folder.path, scene, load)
  })

  it('makes no new file when its own is gone after a failure, and goes on when it is back', async () => {
    const folder = held.use(await createTempFolder())
    const { scene, load } = await open(folder.path)
    await limitFileSize('65536', scene.gateway.pid)
    await waitForRefusals(load, 20)
    await move(folder.path, 'test.db', 'away.db')
    const isGone = async (): Promise<boolean> => {
      const refusal = await scene.post('lost', { prefer: 'respond-async' })
      return refusal.status === 503 && (await refusal.text()).includes('the file of the store is gone')
    }
    // A connection that was open as the file was moved still writes to it, until the limit stops it.
    await waitFor(isGone, { what: 'a refusal that says so' })
    await limitFileSize('unlimited', scene.gateway.pid)
    await waitForRefusals(load, load.answers.filter(isRefusal).length + 20)
    expect(await isGone()).toBe(true)
    await move(folder.path, 'away.db', 'test.db')
    await recover(scene, load)
    await expectRows(folder.path, scene, load)
  })
})

async function open(folder: string) {
  const scene = held.use(await startStoreScene({ store: `sqlite:${folder}/test.db` }))
  const load = held.use(startStoreLoad(scene))
  await waitFor(() => load.accepted.size >= 50, { what: 'some requests to be accepted' })
  return { scene, load }
}

async function statusOf({ url }: StoreScene, { accepted }: StoreLoad): Promise<string> {
  const [id = ''] = accepted.values()
  const answer = await fetch(`${url}/default/test/requests/${id}`)
  const { status }: { status: string } = JSON.parse(await answer.text())
  return status
}

async function recover(scene: StoreScene, load: StoreLoad): Promise<void> {
  expect(await waitForRecovery(load, performance.now())).toBeLessThan(10_000)
  await load.stop()
  await expectPromisesKept(scene, load)
}

/** Each request that was answered 202 is in the file, for one who opens it after the gateway was killed. */
async function expectRows(folder: string, { gateway }: StoreScene, { accepted }: StoreLoad): Promise<void> {
  gateway.kill('SIGKILL')
  await gateway.exit
  using database = new DatabaseSync(join(folder, 'test.db'))
  const rows = database.prepare('SELECT id FROM requests').all()
  const ids = new Set(rows.map(({ id }) => id))
  expect([...accepted.values()].filter(id => !ids.has(id))).toEqual([])
}

/** The file of the store with its log, as when a disk is taken away. */
async function move(folder: string, from: string, to: string): Promise<void> {
  for (const end of ['', '-wal']) {
    await rename(join(folder, from + end), join(folder, to + end)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    })
  }
}
