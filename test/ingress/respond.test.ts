import { everybody } from '../../src/access/identify.ts'
import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { Answer } from '../../src/http/answer.ts'
import { BodyMemory } from '../../src/event/body-memory.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { respond } from '../../src/ingress/respond.ts'
import { rawRequest } from '../helpers/raw-client.ts'

const broken: Answer = { status: 200, headers: ['x-broken', 'no\nheader'], body: 'a secret of the inside' }

it.each([
  ['at once', () => broken],
  ['later', () => Promise.resolve(broken)]
])('answers a defect, and tells it to the log, when an answer cannot be written: given %s', async (_name, handle) => {
  const told: string[] = []
  const write = (line: string) => void told.push(line)
  const log = Object.assign(pino({ level: 'error' }, { write }), { tellsRequests: false })
  const app = new Hono<NodeBindings>()
  const deps = {
    identify: everybody,
    browsers: { allowed: new Set<string>(), guarded: true },
    turnedAway: () => {},
    closing: () => false,
    memory: new BodyMemory(1000),
    log
  }
  app.all('/:namespace/:pipeline', c => respond({ ...c.env, path: '/a/b', pipeline: 'a/b' }, deps, handle))
  await using server = await listen(app, { host: '127.0.0.1', port: 0, graceMs: 100 })
  const { status, body } = await rawRequest(server.url, 'GET /a/b HTTP/1.1\r\nhost: a.test\r\n\r\n')
  expect([status, JSON.parse(body.toString())]).toMatchObject([500, { code: 'INTERNAL' }])
  expect(body.toString()).not.toMatch('secret')
  expect(told.join('')).toMatch(/Invalid character in header.*a request met a defect/)
})
