import { describe, expect, it } from 'vitest'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { sluice } from './sluice.ts'

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

  it('fails when the store cannot be opened, and says why', async () => {
    await using folder = await createTempFolder()
    await using gateway = await openSqliteLedger({ path: `${folder.path}/sluice.db` })
    expect(gateway.durability.level).toBe(3)
    const { code, stdout } = await sluice(['doctor'], { cwd: folder.path })
    expect([code, stdout]).toEqual([1, expect.stringContaining('sqlite:./sluice.db cannot be opened')])
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
    const facts = 'appendonly yes, appendfsync always); maxmemory-policy noeviction, no replicas\n'
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
