import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { toStoredRequest } from '../../../../src/ledger/sqlite/encode-request.ts'
import type { Operation } from '../../../../src/ledger/sqlite/operations.ts'
import { Transactions } from '../../../../src/ledger/sqlite/thread/transactions.ts'
import { anEvent } from '../../../helpers/events.ts'
import { aRequest } from '../../../helpers/ledger-requests.ts'
import { limitFileSize } from '../../../helpers/small-disk.ts'
import { createTempFolder } from '../../../helpers/temp-folder.ts'
import type { NewRequest } from '../../../../src/ledger/record/new-request.ts'

const accept = (request: NewRequest): Operation => ({
  name: 'accept',
  input: { requests: [toStoredRequest(request)], leaseMs: undefined }
})

describe('store', () => {
  it('carries out the other operations of a batch when one of them has a defect', () => {
    using store = new Transactions(':memory:')
    const [first, broken, last] = [aRequest(), aRequest({ fingerprint: {} as string }), aRequest()]
    const results = store.run([first, broken, last].map(accept))
    expect(results.map(({ kind }) => kind)).toEqual(['done', 'failed', 'done'])
    const [pending] = store.run([{ name: 'pending', input: 'default/comments' }])
    expect(pending).toMatchObject({ kind: 'done', value: { queued: 2 } })
  })

  it('lets reads of a batch see its writes', () => {
    using store = new Transactions(':memory:')
    const request = aRequest()
    const [record] = store.run([{ name: 'read', input: request }, accept(request)])
    expect(record).toMatchObject({ kind: 'done', value: { id: request.id } })
  })

  it('sweeps what has expired in slices', () => {
    using store = new Transactions(':memory:')
    const requests = Array.from({ length: 5 }, () => aRequest({ ttlMs: 0 }))
    store.run(requests.map(accept))
    store.run(requests.map(({ pipeline, id }) => ({ name: 'cancel', input: { pipeline, id } })))
    const sweep: Operation = { name: 'sweep', input: { limit: 2 } }
    expect(store.run([sweep, sweep, sweep, sweep])).toMatchObject([2, 2, 1, 0].map(value => ({ kind: 'done', value })))
    const [read] = store.run([{ name: 'read', input: requests[0] ?? aRequest() }])
    expect(read).toEqual({ kind: 'done', value: 'expired' })
  })

  it('forgets the note of a cancelled request when that expires', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    const { pipeline, id, ...rest } = aRequest({ ttlMs: 0 })
    const note = '{"steps":[{"name":"filter"}]}'
    const run = (operations: readonly Operation[]): unknown => {
      using store = new Transactions(path)
      return store.run(operations)
    }
    const notes = (): unknown[] => {
      using database = new DatabaseSync(path)
      return database.prepare('SELECT waiting FROM requests').all()
    }
    const ran = run([
      { name: 'accept', input: { requests: [toStoredRequest({ pipeline, id, ...rest })], leaseMs: 60_000 } },
      { name: 'tell', input: { claim: { pipeline, id, token: 1 }, note } },
      { name: 'cancel', input: { pipeline, id } }
    ])
    expect(ran).toMatchObject([{ kind: 'done' }, { kind: 'done', value: true }, { kind: 'done' }])
    expect(notes()).toEqual([{ waiting: note }])
    run([{ name: 'sweep', input: { limit: 10 } }])
    expect(notes()).toEqual([{ waiting: null }])
  })

  it('begins a new log after a failure, since nobody knows what of the old one is on the disk', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    using store = new Transactions(path)
    const big = () => accept(aRequest({ event: anEvent({ data: new Uint8Array(500_000) }) }))
    expect(store.run([big()])).toMatchObject([{ kind: 'done' }])
    await limitFileSize('65536')
    expect(store.run([big()])).toMatchObject([{ kind: 'unavailable' }])
    await limitFileSize('unlimited')
    expect(store.run([accept(aRequest())])).toMatchObject([{ kind: 'done' }])
    expect((await stat(`${path}-wal`)).size).toBeLessThan(500_000)
  })

  it('waits for the log when only the file is put back after a failure, since the file is not whole without it', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    const away = join(folder.path, 'away.db')
    using store = new Transactions(path)
    const [kept, big] = [aRequest(), aRequest({ event: anEvent({ data: new Uint8Array(500_000) }) })]
    const read: Operation = { name: 'read', input: kept }
    store.run([accept(kept)])
    await limitFileSize('65536')
    store.run([accept(big)])
    await rename(path, away)
    await rename(`${path}-wal`, `${away}-wal`)
    await limitFileSize('unlimited')
    const gone = { kind: 'unavailable', message: expect.stringContaining('the file of the store is gone') as string }
    expect(store.run([accept(aRequest()), read])).toMatchObject([gone, gone])
    await rename(away, path)
    const half = { kind: 'unavailable', message: expect.stringContaining('the log of the store is gone') as string }
    expect(store.run([accept(aRequest()), read])).toMatchObject([half, half])
    await rename(`${away}-wal`, `${path}-wal`)
    expect(store.run([accept(aRequest()), read])).toMatchObject([
      { kind: 'done' },
      { kind: 'done', value: { id: kept.id } }
    ])
  })

  it('goes on after a failure whose log SQLite itself moved into the file', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    using store = new Transactions(path)
    store.run([accept(aRequest())])
    await limitFileSize('400000')
    const big = accept(aRequest({ event: anEvent({ data: new Uint8Array(500_000) }) }))
    expect(store.run([big])).toMatchObject([{ kind: 'unavailable' }])
    await expect(stat(`${path}-wal`)).rejects.toThrow('ENOENT')
    expect(store.run([accept(aRequest())])).toMatchObject([{ kind: 'done' }])
    await limitFileSize('unlimited')
  })
})
