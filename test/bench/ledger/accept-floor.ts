import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

/*
 * The process of the floor of acceptance: a body becomes a row of an SQLite file, and when it is on disk the caller is
 * answered 202 and where to ask. All that came in one turn of the event loop is one transaction, hence one fsync. It has
 * no events, no queue, no index but the id's, and never runs what it accepted. Its argument is the file.
 */

const database = new DatabaseSync(process.argv[2] ?? '')
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
database.exec('CREATE TABLE requests (id TEXT PRIMARY KEY, type TEXT NOT NULL, body BLOB NOT NULL) STRICT')
const insert = database.prepare('INSERT INTO requests (id, type, body) VALUES (?, ?, ?)')

interface Row {
  readonly id: string
  readonly type: string
  readonly body: Uint8Array
  readonly stored: () => void
}

let arrived: Row[] = []

function store(row: Row): void {
  if (arrived.push(row) > 1) return
  setImmediate(() => {
    const rows = arrived
    arrived = []
    database.exec('BEGIN IMMEDIATE')
    for (const { id, type, body } of rows) insert.run(id, type, body)
    database.exec('COMMIT')
    for (const { stored } of rows) stored()
  })
}

const app = new Hono()
app.post('/bench/accept', async c => {
  const body = new Uint8Array(await c.req.arrayBuffer())
  const id = randomUUID()
  const { promise, resolve } = Promise.withResolvers<void>()
  store({ id, type: c.req.header('content-type') ?? '', body, stored: resolve })
  await promise
  const self = `/bench/accept/requests/${id}`
  return c.json({ id, status: 'accepted', links: { self } }, 202, { location: self })
})
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`floor ready on http://127.0.0.1:${port}`)
})
