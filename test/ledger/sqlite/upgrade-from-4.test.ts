import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openSqliteLedger } from '../../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { anEvent } from '../../helpers/events.ts'
import { acceptClaimed, aRequest, longLease, readRecord, replied, rootMarks } from '../../helpers/ledger-requests.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'

it('a file of version 4 gets what streams need, and goes on with what is in it', async () => {
  await using folder = await createTempFolder()
  const path = join(folder.path, 'sluice.db')
  const former = await openSqliteLedger({ path })
  const waiting = aRequest({ marks: rootMarks() })
  await former.accept([waiting])
  const finished = await acceptClaimed(former, aRequest({ pipeline: 'default/other' }))
  await former.settle(finished, replied)
  await former[Symbol.asyncDispose]()
  const database = new DatabaseSync(path)
  database.exec('DROP TABLE streams; DROP TABLE pieces; PRAGMA user_version = 4')
  database.close()

  await using ledger = await openSqliteLedger({ path })
  expect(await readRecord(ledger, finished)).toMatchObject({ status: 'replied' })
  const [claimed] = await ledger.claim('default/comments', 1, longLease)
  if (claimed === undefined) throw new Error('what had been accepted is not there')
  expect(claimed.record.marks).toEqual(rootMarks())
  const head = { attributes: anEvent().attributes, data: undefined }
  expect(await ledger.appendPiece(claimed, { offset: 0, octets: Buffer.from('abc'), head })).toBe(1)
  expect(await readRecord(ledger, claimed)).toMatchObject({ stream: { run: 1, size: 3 } })
})
