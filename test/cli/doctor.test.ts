import { readdir, readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { acceptClaimed, aRequest } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { sluice } from './sluice.ts'

function runSql(path: string, sql: string): void {
  using database = new DatabaseSync(path)
  database.exec(sql)
}

describe('sluice doctor', () => {
  it('says what the default store and the machine guarantee', async () => {
    await using folder = await createTempFolder()
    const { code, stdout } = await sluice(['doctor', '-o', 'json'], { cwd: folder.path })
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        node: process.version,
        cpus: expect.any(Number),
        memoryMiB: expect.any(Number),
        openFiles: expect.any(String),
        store: 'sqlite:./sluice.db',
        wanted: 'default',
        kept: true,
        level: 3,
        summary: expect.stringContaining('survives kill -9 and power loss'),
        warnings: []
      }
    ])
    expect(await readdir(folder.path)).toEqual([])
  })

  it('leaves the store as it is', async () => {
    await using folder = await createTempFolder()
    const path = `${folder.path}/sluice.db`
    await using claimed = await openSqliteLedger({ path })
    await acceptClaimed(claimed, aRequest())
    await claimed[Symbol.asyncDispose]()
    // An earlier Sluice: it would be brought up to date by a gateway, and there is no way back.
    runSql(path, 'PRAGMA user_version = 1')
    const before = await readFile(path)
    const { code, stdout } = await sluice(['doctor'], { cwd: folder.path })
    expect([code, stdout]).toEqual([0, expect.stringContaining(`sqlite file ${path}: survives kill -9`)])
    expect([await readdir(folder.path), before.equals(await readFile(path))]).toEqual([['sluice.db'], true])
  })

  it('reads the store from the configuration, and needs no definitions', async () => {
    await using folder = await createTempFolder()
    await folder.write('sluice.yaml', "store: 'sqlite::memory:'\n")
    const { code, stdout } = await sluice(['doctor'], { cwd: folder.path })
    expect([code, stdout]).toEqual([0, expect.stringContaining('survives nothing')])
  })

  it('fails when a strict durability cannot be kept', async () => {
    const { code, stdout } = await sluice(['doctor', '--store', 'sqlite::memory:', '--durability', 'strict'])
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^strict {6}not kept/m)])
  })

  it('says what a store guarantees that a gateway uses, and which one', async () => {
    await using folder = await createTempFolder()
    await using gateway = await openSqliteLedger({ path: `${folder.path}/sluice.db` })
    const told = await sluice(['doctor', '--durability', 'strict'], { cwd: folder.path })
    const { stdout } = await sluice(['doctor', '-o', 'json'], { cwd: folder.path })
    expect(told.code).toBe(0)
    expect(told.stdout).toContain(gateway.durability.summary)
    expect(told.stdout).toMatch(new RegExp(`^in use +by process ${process.pid}: GET /readyz\\?verbose`, 'm'))
    expect(JSON.parse(stdout)).toMatchObject({ ...gateway.durability, kept: true, usedBy: `process ${process.pid}` })
  })

  it('fails when another program uses the store', async () => {
    await using folder = await createTempFolder()
    using other = new DatabaseSync(`${folder.path}/sluice.db`)
    other.exec('BEGIN EXCLUSIVE')
    const { code, stdout } = await sluice(['doctor'], { cwd: folder.path })
    expect([code, stdout]).toEqual([1, expect.stringContaining('in use by another process')])
  })

  it('fails when the store cannot be used, and says why', async () => {
    await using folder = await createTempFolder()
    await folder.write('sluice.db', 'This has been something else for a long time.'.repeat(100))
    runSql(`${folder.path}/newer.db`, 'PRAGMA user_version = 99')
    const reasons = { 'sluice.db': 'not an SQLite database', 'newer.db': 'a newer Sluice', 'no/a.db': 'no such file' }
    for (const [file, reason] of Object.entries(reasons)) {
      const { code, stdout } = await sluice(['doctor', '--store', `sqlite:./${file}`], { cwd: folder.path })
      expect([code, stdout]).toEqual([1, expect.stringContaining(`sqlite:./${file} cannot be opened`)])
      expect(stdout).toContain(reason)
    }
  })

  it.each(['json', 'yaml', 'table'])('never shows who may use the store, as %s', async output => {
    await using server = await startRedis({ args: ['--requirepass', 's3cret'] })
    const store = (user: string) => ['--store', `redis://${user}@127.0.0.1:${server.port}/3`, '-o', output]
    const opened = await sluice(['doctor', ...store(':s3cret')])
    const refused = await sluice(['doctor', ...store('s3cret:wr0ng')])
    expect([opened.code, refused.code]).toEqual([0, 1])
    expect(opened.stdout).toContain(`127.0.0.1:${server.port}`)
    expect(refused.stdout).toContain(`redis://127.0.0.1:${server.port}/3 cannot be opened`)
    for (const { stdout, stderr } of [opened, refused]) expect(stdout + stderr).not.toMatch(/s3cret|wr0ng/)
  })

  it('tells how a Redis that keeps everything is set up', async () => {
    await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    const { code, stdout } = await sluice(['doctor', '--store', server.url, '--durability', 'strict'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^strict +kept$/m)])
    const facts = 'appendonly yes, appendfsync always); maxmemory-policy noeviction, no replicas, all rights\n'
    expect(stdout).toContain(facts)
  })

  it('does not repeat a store that it cannot make sense of', async () => {
    const unread = await sluice(['doctor', '--store', 'redis:/:s3cret@127.0.0.1'])
    const misspelt = await sluice(['doctor', '--store', 'redis://me:s3cret@'])
    expect([unread.code, misspelt.code]).toEqual([2, 1])
    for (const { stdout, stderr } of [unread, misspelt]) expect(stdout + stderr).not.toContain('s3cret')
  })

  it('tells wrong settings', async () => {
    const { code, stderr } = await sluice(['doctor', '--store', 'postgres://here', '--durability', 'much'])
    expect([code, stderr.split('\n').length]).toEqual([2, 3])
  })
})
