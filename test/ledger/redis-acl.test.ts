import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { durableLedgerSuite } from '../conformance/ledger-suite.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { openRedisLedger } from './redis-ledgers.ts'

const [, written = ''] = /^ACL SETUSER sluice (on[^`]*)/m.exec(readFileSync('README.md', 'utf8')) ?? []

/** The rights of README, for the prefixes of the ledgers of these tests. */
const rules = written
  .replace('PASSWORD', 'secret')
  .replaceAll('sluice:*', 'test-*')
  .split(/[\s\\]+/)
  .filter(rule => rule !== '')

let server: RedisServer
let root: Redis
beforeAll(async () => {
  server = await startRedis()
  root = new Redis(server.url)
  await root.call('ACL', ['SETUSER', 'sluice', ...rules])
})
afterAll(async () => {
  root.disconnect()
  await server[Symbol.asyncDispose]()
})

const asUser = (): string => server.url.replace('//', '//sluice:secret@')

// A connection that may do everything can do no less.
durableLedgerSuite('redis, with the rights of README', () => openRedisLedger(asUser()))

it('the rights of README are all that the store asks for, and no more than it uses', async () => {
  await using opened = await openRedisLedger(asUser())
  expect(opened.ledger.durability.summary).toMatch(/, all rights$/)
  const stats = await root.info('commandstats')
  const used = new Set([...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(match => match[1]))
  /** Of other set-ups: a database of its own, a check of the connection, confirmation by replicas. */
  const elsewhere = new Set(['select', 'ping', 'wait'])
  const granted = rules.filter(rule => rule.startsWith('+')).map(rule => rule.slice(1))
  expect(granted.filter(command => !used.has(command) && !elsewhere.has(command))).toEqual([])
})
