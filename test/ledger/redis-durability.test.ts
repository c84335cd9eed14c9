import { expect, it } from 'vitest'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { redisDurability } from '../../src/ledger/redis/redis-durability.ts'
import type { RedisSettings } from '../../src/ledger/redis/redis-settings.ts'
import { Redis } from 'ioredis'
import { startRedis } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from './redis-ledgers.ts'

const always: RedisSettings = {
  version: '7.0.15',
  role: 'master',
  replicas: 0,
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
  maxmemoryPolicy: 'noeviction',
  minReplicasToWrite: '0'
}

const cases: readonly (readonly [string, Partial<RedisSettings>, number, string, readonly RegExp[]])[] = [
  ['every write synced', {}, 3, 'survives kill -9 and power loss (appendonly yes, appendfsync always)', []],
  ['synced each second', { appendfsync: 'everysec' }, 2, 'loses the last second', [/set appendfsync always/]],
  ['synced by the system', { appendfsync: 'no' }, 2, 'what the system had not written', [/set appendfsync always/]],
  ['snapshots only', { appendonly: 'no', save: '3600 1' }, 1, 'last snapshot', [/set appendonly yes/]],
  ['nothing kept', { appendonly: 'no' }, 0, 'survives nothing', [/loses every accepted request/]],
  [
    'settings not told',
    { appendonly: undefined, appendfsync: undefined },
    1,
    'does not tell',
    [/CONFIG GET is denied/]
  ],
  [
    'eviction of anything',
    { maxmemoryPolicy: 'allkeys-lru' },
    1,
    'may evict accepted requests',
    [/maxmemory-policy is allkeys-lru: Redis may evict accepted requests; set noeviction/]
  ],
  ...['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'].map(
    maxmemoryPolicy =>
      [
        `eviction of what has a time to live by ${maxmemoryPolicy}`,
        { maxmemoryPolicy },
        1,
        'may evict replies and idempotency keys',
        [/may evict replies and idempotency keys; set noeviction/]
      ] as const
  ),
  ['replicas that lag', { replicas: 2 }, 3, 'survives', [/a failover may lose/]],
  [
    'replicas of which one must follow',
    { replicas: 2, minReplicasToWrite: '1' },
    3,
    'survives',
    [/a failover may lose/]
  ],
  ['a replica', { role: 'slave' }, 3, 'survives', [/address of the master/]]
]

it.each(cases)('says what it means: %s', (_, settings, level, summary, warnings) => {
  const durability = redisDurability('a:6379', [{ ...always, ...settings }])
  expect(durability.level).toBe(level)
  expect(durability.summary).toMatch(/^redis 7\.0\.15 at a:6379: /)
  expect(durability.summary).toContain(summary)
  expect(durability.warnings).toHaveLength(warnings.length)
  for (const [i, warning] of warnings.entries()) expect(durability.warnings[i]).toMatch(warning)
})

const setUps: readonly (readonly [string, Partial<RedisSettings>])[] = [
  ['maxmemory-policy noeviction, no replicas', {}],
  ['maxmemory-policy volatile-ttl, no replicas', { maxmemoryPolicy: 'volatile-ttl' }],
  ['maxmemory-policy allkeys-lru, no replicas', { maxmemoryPolicy: 'allkeys-lru' }],
  ['maxmemory-policy unknown, no replicas', { maxmemoryPolicy: undefined }],
  ['maxmemory-policy noeviction, replicas 2 (min-replicas-to-write 1)', { replicas: 2, minReplicasToWrite: '1' }],
  [
    'maxmemory-policy noeviction, replicas 1 (min-replicas-to-write unknown)',
    { replicas: 1, minReplicasToWrite: undefined }
  ],
  ['maxmemory-policy noeviction, itself a replica', { role: 'slave' }],
  ['maxmemory-policy noeviction, replicas unknown', { role: undefined }]
]

it.each(setUps)('names eviction and replicas, well set or not: %s', (says, settings) => {
  const { summary } = redisDurability('a:6379', [{ ...always, ...settings }])
  expect(summary.slice(summary.indexOf('; maxmemory-policy'))).toBe(`; ${says}`)
})

it('names eviction and replicas once for servers that are set up alike', () => {
  const replicated = { ...always, replicas: 1, minReplicasToWrite: '1' }
  expect(redisDurability('a,b,c', [replicated, replicated, always]).summary).toMatch(
    /; maxmemory-policy noeviction, replicas 1 \(min-replicas-to-write 1\); or maxmemory-policy noeviction, no replicas$/
  )
})

it.each<[string, Partial<RedisSettings>, boolean, readonly RegExp[]]>([
  ['that follow', { replicas: 2 }, true, []],
  ['of which none follows', { replicas: 0 }, true, [/no replica follows the master/]],
  ['where nobody promotes any', { replicas: 0 }, false, []],
  ['that the server does not tell of', { role: undefined }, true, []]
])('warns where an acceptance waits for replicas %s', (_, settings, promoted, warnings) => {
  const durability = redisDurability('a', [{ ...always, ...settings }], { confirm: true, promoted })
  expect(durability.warnings).toHaveLength(warnings.length)
  for (const [i, warning] of warnings.entries()) expect(durability.warnings[i]).toMatch(warning)
  expect(durability.summary.includes('which confirm each acceptance')).toBe(settings.replicas === 2)
})

it('is that of the weakest server of a cluster', () => {
  const durability = redisDurability('a,b', [
    always,
    { ...always, appendonly: 'no' },
    { ...always, appendfsync: 'everysec' }
  ])
  expect(durability.level).toBe(0)
  expect(durability.warnings).toHaveLength(2)
})

it('is what the server says, and what it says after it came back with other settings', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  await using ledger = await connectReplica(server.url, 'test')
  expect(ledger.durability).toMatchObject({ level: 3, warnings: [] })
  expect(ledger.durability.summary).toContain(`127.0.0.1:${server.port}`)
  const control = new Redis(server.url)
  await control.config('SET', 'appendfsync', 'everysec')
  await control.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  control.disconnect()
  await waitFor(() => ledger.durability.level === 2, { what: 'the settings to be read again' })
})

it('is told to the log when it falls, and that a 202 promises less when it does', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  const warned: { readonly fields: object; readonly message: string }[] = []
  const log = { ...silentLog, warn: (fields: object, message: string) => warned.push({ fields, message }) }
  await using ledger = await connectRedisLedger({ url: server.url, log })
  const control = new Redis(server.url)
  const comeBackWith = async (level: number, ...settings: readonly (readonly [string, string])[]): Promise<void> => {
    for (const [name, value] of settings) await control.config('SET', name, value)
    await control.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await waitFor(() => ledger.durability.level === level, { what: 'the settings to be read again' })
  }
  const falls = () => warned.filter(({ fields }) => 'before' in fields)
  const before = ledger.durability.summary
  await comeBackWith(0, ['appendonly', 'no'])
  const after = ledger.durability
  expect(falls()).toEqual([
    {
      fields: { store: after.summary, before, warnings: after.warnings },
      message: 'the store came back weaker than it was: a 202 does not mean never lost any more'
    }
  ])
  await comeBackWith(2, ['appendonly', 'yes'], ['appendfsync', 'everysec'])
  expect(falls()).toHaveLength(1)
  await comeBackWith(0, ['appendonly', 'no'])
  control.disconnect()
  expect(falls().map(({ message }) => message)[1]).toBe('the store came back weaker than it was')
})

it('is not known of a server that does not tell', async () => {
  await using server = await startRedis()
  const control = new Redis(server.url)
  await control.acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config')
  control.disconnect()
  await using ledger = await connectReplica(server.url.replace('://', '://app:secret@'), 'test')
  expect(ledger.durability).toMatchObject({ level: 1, warnings: [expect.stringContaining('CONFIG GET is denied')] })
  expect(ledger.durability.summary).not.toContain('secret')
})
