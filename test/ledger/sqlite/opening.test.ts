import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examineSqlite } from '../../../src/ledger/sqlite/examine-sqlite.ts'
import { toStoredRequest } from '../../../src/ledger/sqlite/encode-request.ts'
import { storeFaultMessage } from '../../../src/ledger/sqlite/store-fault.ts'
import { Transactions } from '../../../src/ledger/sqlite/thread/transactions.ts'
import type { Operation } from '../../../src/ledger/sqlite/operations.ts'
import { anEvent } from '../../helpers/events.ts'
import { aRequest } from '../../helpers/ledger-requests.ts'
import { createTempFolder, type TempFolder } from '../../helpers/temp-folder.ts'

let folder: TempFolder
let path: string
beforeEach(async () => {
  folder = await createTempFolder()
  path = join(folder.path, 'sluice.db')
})
afterEach(() => folder[Symbol.asyncDispose]())

const accept = (bytes = 10): Operation => ({
  name: 'accept',
  input: { requests: [toStoredRequest(aRequest({ event: anEvent({ data: 'x'.repeat(bytes) }) }))], leaseMs: undefined }
})

/** Answers the words with which the store refuses to be opened. */
function refusal(file: string): string {
  try {
    using _ = new Transactions(file)
    return 'opened'
  } catch (error) {
    return storeFaultMessage(error, file) ?? String(error)
  }
}

function runSql(file: string, sql: string): void {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

/** Everything in the file from its tenth page on, but for some pages. */
async function damage(file: string, every = 5): Promise<void> {
  const { size } = await stat(file)
  await using handle = await open(file, 'r+')
  for (let at = 40_960; at + 4096 < size; at += 4096 * every) await handle.write(Buffer.alloc(4096, 0xaa), 0, 4096, at)
}

describe('the file of the store', () => {
  it('is readable for its owner only, and so are its log and its lock', async () => {
    using store = new Transactions(path)
    expect(store.run([accept()])).toMatchObject([{ kind: 'done' }])
    for (const end of ['', '-wal', '.lock']) expect((await stat(path + end)).mode & 0o777, end).toBe(0o600)
    expect(existsSync(`${path}-shm`)).toBe(false)
  })

  it.each([
    ['that says whose it is', 'PRAGMA application_id = 42'],
    ['with tables of its own', 'CREATE TABLE customers (name); INSERT INTO customers VALUES (1)'],
    ['with a version of its own', 'CREATE TABLE requests (name); PRAGMA user_version = 2']
  ])('is refused, and left as it is, when it is the database of another application %s', async (_, sql) => {
    runSql(path, sql)
    const before = await readFile(path)
    expect(refusal(path)).toContain(`${path} is the database of another application`)
    expect(() => examineSqlite(path)).toThrow('another application')
    expect(before.equals(await readFile(path))).toBe(true)
  })

  it('is named with what to do when its folder is not there, is one itself, or is not a database', async () => {
    expect(refusal(join(folder.path, 'no', 'a.db'))).toMatch(
      /folder of the store is not there: .*\/no \(ENOENT.*make it/
    )
    await mkdir(join(folder.path, 'dir.db'))
    expect(refusal(join(folder.path, 'dir.db'))).toContain(`${join(folder.path, 'dir.db')} is not a file`)
    await writeFile(path, 'This has been something else for a long time.'.repeat(100))
    expect(refusal(path)).toContain(`not an SQLite database: ${path} (SQLITE_NOTADB)`)
  })

  it('is named with what to do when this user may not write it', async () => {
    await chmod(folder.path, 0o555)
    const script = join(import.meta.dirname, 'try-obstacle.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script, path])
    await chmod(folder.path, 0o755)
    expect(stdout).toContain(`may not be made or written: ${path} (EACCES: permission denied)`)
    expect(stdout).toMatch(/this is user \d+, and .* belongs to user \d+, mode 555: let this user write there/)
  })
})

describe('a store whose gateway was killed', () => {
  /** The file with its log as they are while a gateway uses them. */
  async function kill(): Promise<void> {
    const files: [string, Buffer][] = []
    {
      using store = new Transactions(path)
      store.run([accept()])
      for (const end of ['', '-wal', '.lock']) files.push([path + end, await readFile(path + end)])
    }
    for (const [file, bytes] of files) await writeFile(file, bytes)
  }

  it('has what was accepted, and nothing to tell', async () => {
    await kill()
    using store = new Transactions(path)
    expect(store.warnings).toEqual([])
    expect(store.run([{ name: 'pending', input: 'default/comments' }])).toMatchObject([{ value: { queued: 1 } }])
  })

  it('tells that its log is missing', async () => {
    await kill()
    await rm(`${path}-wal`)
    expect(examineSqlite(path).durability.warnings).toEqual([expect.stringContaining(`is missing: ${path}-wal`)])
    using store = new Transactions(path)
    expect(store.warnings).toEqual([expect.stringContaining('what was accepted last is lost')])
  })

  it('has nothing to tell after a diagnosis that has moved the log into the file', async () => {
    await kill()
    expect(examineSqlite(path).durability.warnings).toEqual([])
    using store = new Transactions(path)
    expect(store.warnings).toEqual([])
  })

  it('is not begun anew when only its log is left', async () => {
    await kill()
    await rm(path)
    expect(refusal(path)).toContain(`${path} is gone, or empty, but its log is there`)
    expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0)
  })
})

describe('a damaged file', () => {
  async function filled(requests: number): Promise<void> {
    using store = new Transactions(path)
    store.run(Array.from({ length: requests }, () => accept(20_000)))
  }

  it('is refused at start, by a gateway and by a diagnosis', async () => {
    await filled(50)
    await damage(path)
    expect(refusal(path)).toMatch(/the store is damaged: .*sluice\.db \(SQLITE_CORRUPT.*restore a backup/)
    expect(() => examineSqlite(path)).toThrow('the store is damaged')
  })

  it('is given nothing more once that has shown, and keeps the word for what it was given', async () => {
    await filled(2_500)
    using store = new Transactions(path)
    // By another process: a file that this one opens and closes loses the locks that it has on it.
    await promisify(execFile)('sh', ['-c', `head -c 45000000 /dev/zero | dd of=${path} bs=4096 seek=40 conv=notrunc`])
    const readAll: Operation = {
      name: 'list',
      input: { pipeline: undefined, status: undefined, after: undefined, limit: 4_000 }
    }
    const damaged = { kind: 'damaged', message: expect.stringContaining('the store is damaged') as string }
    const [found] = store.run([readAll])
    expect(found).toMatchObject(damaged)
    expect(store.run([accept(), { name: 'pending', input: 'x/y' }])).toMatchObject([damaged, {}])
  })
})

describe('a file that was large', () => {
  it('shrinks again, a little at a time, when what was in it has gone', async () => {
    using store = new Transactions(path)
    const requests = Array.from({ length: 100 }, () =>
      aRequest({ ttlMs: 0, event: anEvent({ data: new Uint8Array(1_000_000) }) })
    )
    const run = (name: Operation['name'], input: Operation['input']): unknown => {
      const [result] = store.run([{ name, input }])
      return result?.kind === 'done' ? result.value : result
    }
    run('accept', { requests: requests.map(toStoredRequest), leaseMs: undefined })
    for (const { pipeline, id } of requests) run('cancel', { pipeline, id })
    run('trim', undefined)
    const { size } = await stat(path)
    expect(run('sweep', { limit: 1_000 })).toBe(100)
    const given: unknown[] = []
    do given.push(run('shrink', { pages: 256, begun: given.length > 0 }))
    while (given.at(-1) !== 0)
    run('trim', undefined)
    expect(given.length).toBeGreaterThan(50)
    expect(size).toBeGreaterThan(100_000_000)
    expect((await stat(path)).size).toBeLessThan(4_000_000)
    expect(run('shrink', { pages: 256, begun: false })).toBe(0)
  })
})
