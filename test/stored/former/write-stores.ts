import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { startKillableGateway, type KillableGateway } from '../../helpers/killable-gateway.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { startStep } from '../../helpers/step-server.ts'
import { ended, submit, type SubmitOptions } from '../../helpers/submit.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import type { FormerRequests } from './former-stores.ts'

/*
 * A program: `CHECKOUT NAME` writes `test/fixtures/stores/NAME.sqlite`, `NAME.rdb` and what is in them, by the gateway of an
 * earlier checkout, which is killed while it runs requests.
 */

const [checkout = '', name = ''] = process.argv.slice(2)
const fixtures = join(import.meta.dirname, '../../fixtures/stores')
/** The fixtures do not expire. */
const requests = { ttl: 'P3650D' }

await writeSqlite()
await writeRedis()

async function writeSqlite(): Promise<void> {
  await using folder = await createTempFolder()
  const path = join(folder.path, 'test.db')
  await writeInto(`sqlite:${path}`, 'sqlite')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM')
  database.close()
  await copyFile(path, join(fixtures, `${name}.sqlite`))
}

async function writeRedis(): Promise<void> {
  await using folder = await createTempFolder()
  await using server = await startRedis({ args: ['--dir', folder.path] })
  await writeInto(server.url, 'rdb')
  const client = new Redis(server.url)
  await client.save()
  client.disconnect()
  await copyFile(join(folder.path, 'dump.rdb'), join(fixtures, `${name}.rdb`))
}

async function writeInto(store: string, kind: 'sqlite' | 'rdb'): Promise<void> {
  await using server = await startStep(({ url, body }) => {
    const { n } = JSON.parse(body.toString())
    if (n === 'open' && url === '/s') return new Promise<never>(() => {})
    if (n === 'letter' && url === '/s') return 400
    return { headers: { 'content-type': 'application/json' }, body }
  })
  await using gateway = await startKillableGateway({
    steps: ['a', 's', 'c'].map(step => ({ name: step, uri: `${server.url}/${step}` })),
    spec: { requests, limits: { maxInFlight: 1 } },
    store,
    checkout
  })
  const replied = await end(gateway, await submit(gateway, dataOf('replied', { 'idempotency-key': 'known' })))
  const letter = await end(gateway, await submit(gateway, dataOf('letter')))
  const open = await submit(gateway, dataOf('open'))
  await server.waitForRequests(7)
  const waiting = await submit(gateway, dataOf('waiting'))
  await gateway.kill9()
  const written: FormerRequests = { replied, letter, open, waiting }
  await writeFile(join(fixtures, `${name}.${kind}.json`), `${JSON.stringify(written, undefined, 2)}\n`)
}

function dataOf(n: string, headers: Record<string, string> = {}): SubmitOptions {
  return { data: { n }, headers }
}

async function end(gateway: KillableGateway, id: string): Promise<string> {
  await ended(gateway, id)
  return id
}
