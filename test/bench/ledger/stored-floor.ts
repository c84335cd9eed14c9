import { serve } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { createCall, type Message } from '../floor-call.ts'

/*
 * The process of the floor of storing: POST /bench/plain calls a model and answers with what it said, POST /bench/stored
 * has on disk what came before the call and what became of it before the answer. It commits on its one thread, which
 * stands still meanwhile, and has no queue, no leases, no index but the id's. Its arguments are the model and the file.
 */

const [model = '', file = ''] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
database.exec('CREATE TABLE requests (id TEXT PRIMARY KEY, type TEXT NOT NULL, body BLOB NOT NULL, answer BLOB) STRICT')
const insert = database.prepare('INSERT INTO requests (id, type, body) VALUES (?, ?, ?)')
const settle = database.prepare('UPDATE requests SET answer = ? WHERE id = ?')
const call = createCall(model)

async function messageOf(c: Context): Promise<Message> {
  const body = new Uint8Array(await c.req.arrayBuffer())
  return { body, contentType: c.req.header('content-type') ?? 'application/json' }
}

const answer = (c: Context, { body, contentType }: Message): Response =>
  c.body(new Uint8Array(body), 200, { 'content-type': contentType })

const app = new Hono()
app.post('/bench/plain', async c => answer(c, await call(await messageOf(c))))
app.post('/bench/stored', async c => {
  const message = await messageOf(c)
  const id = randomUUID()
  insert.run(id, message.contentType, message.body)
  const reply = await call(message)
  settle.run(reply.body, id)
  return answer(c, reply)
})
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`floor ready on http://127.0.0.1:${port}`)
})
