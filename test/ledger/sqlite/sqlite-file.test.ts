import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../../../src/ledger/sqlite/open-sqlite-ledger.ts'
import {
  acceptClaimed,
  aCheckpoint,
  rootMarks,
  aRequest,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import { createSmallDisk } from '../../helpers/small-disk.ts'
import { startProcess, type RunningProcess } from '../../helpers/process.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { builtProgram } from '../../programs/built-program.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const acceptForEver = async (path: string): Promise<RunningProcess> =>
  startProcess(process.execPath, [await builtProgram('test/ledger/sqlite/accept-for-ever.ts'), path])

const acceptedIds = ({ output }: RunningProcess): string[] =>
  Array.from(output.stdout.matchAll(/^accepted (.+)\n/gm), ([, id = '']) => id)

describe('sqlite file', () => {
  it('has every request that was acknowledged before a kill -9', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    for (let kills = 1; kills <= 5; kills++) {
      await using child = await acceptForEver(path)
      await waitFor(() => acceptedIds(child).length > 100 * kills, { what: 'a hundred requests and more' })
      child.kill('SIGKILL')
      await child.exit
      await using ledger = await openSqliteLedger({ path })
      const ids = acceptedIds(child)
      const records = await Promise.all(ids.map(id => ledger.read('default/comments', id)))
      expect(records.filter(record => record === undefined)).toEqual([])
    }
  }, 60_000)

  it('is refused to a second gateway, which is told who uses it, and is free when that one is dead', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    await using child = await acceptForEver(path)
    await child.waitForLine(/^open$/)
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path} is in use by process ${child.pid}: stop it, or give this gateway a store of its own (--store)`
    })
    child.kill('SIGKILL')
    await child.exit
    await using ledger = await openSqliteLedger({ path })
    expect(ledger.durability.level).toBe(3)
    expect(await readFile(`${path}.lock`, 'utf8')).toBe(`${process.pid}\n`)
  })

  it('is refused to a second ledger of the same process', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    await using ledger = await openSqliteLedger({ path })
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await ledger.accept([aRequest()])).toMatchObject([{ kind: 'accepted' }])
  })

  it('gives what a former process had claimed to the next one at once', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    const former = await openSqliteLedger({ path })
    const claimed = await acceptClaimed(former, aRequest())
    await former.checkpoint(claimed, aCheckpoint())
    await former[Symbol.asyncDispose]()

    await using ledger = await openSqliteLedger({ path })
    expect(await ledger.claimable()).toEqual(['default/comments'])
    expect(await ledger.settle(claimed, replied)).toBe(false)
    const [taken] = await ledger.claim('default/comments', 1, longLease)
    expect(taken).toMatchObject({ takenOver: true, record: { deliveries: 2, marks: rootMarks() } })
  })

  it('is brought up to date when a former version wrote it', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    const former = await openSqliteLedger({ path })
    await former.accept([aRequest({ eventTime: 1_000, marks: rootMarks() }), aRequest({ eventTime: 2_000 })])
    const { oldestAcceptedAt } = await former.pending('default/comments')
    await former[Symbol.asyncDispose]()
    const database = new DatabaseSync(path)
    database.exec(`
      DROP INDEX queued_by_age;
      DROP INDEX queued_by_event_time;
      ALTER TABLE requests ADD COLUMN open_since INTEGER;
      UPDATE requests SET open_since = accepted_at;
      CREATE INDEX open_by_age ON requests (pipeline, open_since) WHERE open_since IS NOT NULL;
      CREATE INDEX open_by_event_time ON requests (pipeline, event_time) WHERE event_time IS NOT NULL;
      ALTER TABLE requests DROP COLUMN waiting;
      ALTER TABLE contents DROP COLUMN data;
      CREATE TABLE progress (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
      INSERT INTO progress SELECT seq, bytes FROM marks;
      DROP TABLE marks;
      ALTER TABLE settlements DROP COLUMN data;
      PRAGMA application_id = 0;
      PRAGMA user_version = 1`)
    database.close()

    for (const start of ['the first', 'the next']) {
      await using ledger = await openSqliteLedger({ path })
      const pending = { queued: 2, claimed: 0, oldestAcceptedAt, leastEventTime: 1_000 }
      expect(await ledger.pending('default/comments'), `${start} start`).toEqual(pending)
    }
    await using ledger = await openSqliteLedger({ path })
    const [oldest, next] = await ledger.claim('default/comments', 2, longLease)
    expect(await ledger.pending('default/comments')).toMatchObject({ queued: 0, claimed: 2, leastEventTime: 1_000 })
    expect([oldest?.record.marks, next?.record.marks.size]).toEqual([rootMarks(), 0])
    expect(oldest && (await ledger.settle(oldest, replied))).toBe(true)
    expect(next && (await ledger.release(next, { delayMs: 0, spent: true }))).toBe(true)
    expect(await ledger.pending('default/comments')).toMatchObject({ queued: 1, claimed: 0, leastEventTime: 2_000 })
    await acceptClaimed(ledger, aRequest({ eventTime: 500 }))
    expect(await ledger.pending('default/comments')).toMatchObject({ queued: 1, claimed: 1, leastEventTime: 500 })
  })

  it('is refused when a newer version wrote it', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    await (await openSqliteLedger({ path }))[Symbol.asyncDispose]()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('schema 99') as string
    })
  })

  it('is refused when it is not a database, or cannot be made', async () => {
    await using folder = await createTempFolder()
    const text = await folder.write('text.db', 'a text that is longer than the head of a database file\n'.repeat(20))
    await expect(openSqliteLedger({ path: text })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const nowhere = join(folder.path, 'no-such-folder', 'sluice.db')
    await expect(openSqliteLedger({ path: nowhere })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('keeps the log short while much is written', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    await using ledger = await openSqliteLedger({ path })
    const event = { attributes: aRequest().event.attributes, data: new Uint8Array(1_000_000) }
    for (let i = 0; i < 150; i++) await ledger.accept([aRequest({ event })])
    expect((await stat(`${path}-wal`)).size).toBeLessThan(70_000_000)
  })
})

describe('sqlite file on a disk that is full', () => {
  it('refuses writes, goes on reading, and accepts again when there is space', async () => {
    await using disk = await createSmallDisk()
    await using ledger = await openSqliteLedger({ path: join(disk.path, 'sluice.db') })
    const kept = await acceptClaimed(ledger, aRequest())
    const data = new Uint8Array(100_000)
    const big = () => aRequest({ event: { attributes: kept.record.event.attributes, data } })

    const accepted: string[] = []
    await disk.fill()
    const refusal = await refusalOf(async () => {
      const request = big()
      await ledger.accept([request])
      accepted.push(request.id)
    })
    expect(refusal).toMatchObject({ code: 'STORE_UNAVAILABLE', message: ledger.outage })
    expect(await readRecord(ledger, kept)).toMatchObject({ status: 'running' })
    expect(await ledger.pending('default/comments')).toMatchObject({ claimed: 1 })

    await disk.free()
    const after = big()
    await ledger.accept([after])
    expect(await ledger.settle(kept, replied)).toBe(true)
    for (const id of [...accepted, after.id]) {
      expect(await readRecord(ledger, { pipeline: 'default/comments', id })).toMatchObject({ status: 'accepted' })
    }
  })
})

/** The rejection of the first write that fails; a full disk may still have room in the log for some. */
async function refusalOf(write: () => Promise<void>): Promise<unknown> {
  for (let i = 0; i < 200; i++) {
    try {
      await write()
    } catch (error) {
      return error
    }
  }
  return undefined
}
