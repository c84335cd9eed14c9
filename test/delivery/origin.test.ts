import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createConnector } from '../../src/delivery/connect.ts'
import { createEgressCheck } from '../../src/delivery/egress.ts'
import type { Exchanged } from '../../src/delivery/exchange.ts'
import { createNameResolver } from '../../src/delivery/names/resolve-name.ts'
import { SharedLookups } from '../../src/delivery/names/shared-lookups.ts'
import { BodyMemory } from '../../src/event/body-memory.ts'
import { Origin } from '../../src/delivery/origin.ts'
import type { OriginRequest } from '../../src/delivery/origin-request.ts'
import type { EgressRule } from '../../src/delivery/egress-rule.ts'
import { startFairClock } from '../helpers/fair-clock.ts'
import { createGate } from '../helpers/gate.ts'
import {
  bytes,
  bytesThenEnd,
  bytesThenReset,
  drip,
  endlessBody,
  endlessHead,
  headerFlood,
  silence
} from '../helpers/hostile-answers.ts'
import { startRawStep, type RawAnswer } from '../helpers/raw-step.ts'
import { startStep } from '../helpers/step-server.ts'

const openOrigin = (url: string, connections = 8, rule: EgressRule = { kind: 'cluster' }): Origin =>
  new Origin(url, {
    connect: createConnector(createEgressCheck(rule), new SharedLookups(createNameResolver()), undefined),
    connections,
    memory: new BodyMemory(Infinity)
  })

const aRequest = (changes: Partial<OriginRequest> = {}): OriginRequest => ({
  path: '/',
  headers: [],
  body: Buffer.from('hello'),
  maxBytes: 1000,
  timeoutMs: 5_000,
  startedAt: performance.now(),
  signal: new AbortController().signal,
  taker: undefined,
  ...changes
})

const textOf = (exchanged: Exchanged): string =>
  exchanged.kind === 'answered' ? Buffer.from(exchanged.body).toString() : exchanged.kind

describe('an origin', () => {
  it('gives the status, the headers and the octets of an answer', async () => {
    await using step = await startStep({ status: 201, headers: { 'x-model': 'a' }, body: 'world' })
    await using origin = openOrigin(step.url)
    const exchanged = await origin.post(aRequest({ path: '/path?q=1', headers: ['ce-id', '1'] }))
    expect(exchanged).toMatchObject({ kind: 'answered', status: 201, headers: { 'x-model': 'a' } })
    expect(textOf(exchanged)).toBe('world')
    expect(step.requests[0]).toMatchObject({ method: 'POST', url: '/path?q=1', body: Buffer.from('hello') })
  })

  it('knows whether somebody takes connections, and sends nothing for it', async () => {
    await using step = await startStep(200)
    await using origin = openOrigin(step.url)
    expect(await origin.connects()).toBe(true)
    await step[Symbol.asyncDispose]()
    expect(await origin.connects()).toBe(false)
    expect(step.requests).toEqual([])
    await using refused = openOrigin(step.url, 8, { kind: 'public' })
    expect(await refused.connects()).toBe(true)
  })

  it('does not follow redirects', async () => {
    await using step = await startStep({ status: 302, headers: { location: '/elsewhere' } }, 200)
    await using origin = openOrigin(step.url)
    expect(await origin.post(aRequest())).toMatchObject({ kind: 'answered', status: 302 })
    expect(step.requests).toHaveLength(1)
  })

  it('opens no more connections than it may, and counts the wait for one against the timeout', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using origin = openOrigin(step.url, 2)
    const first = [origin.post(aRequest()), origin.post(aRequest())]
    await step.waitForRequests(2)
    expect(await origin.post(aRequest({ timeoutMs: 50 }))).toEqual({ kind: 'timeout' })
    const third = origin.post(aRequest())
    gate.open()
    expect(await Promise.all([...first, third])).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }])
    expect(step.connections).toBe(2)
    expect(step.requests).toHaveLength(3)
  })

  it('fails each of more calls than connections where nobody listens', async () => {
    await using former = await startRawStep(bytes('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'))
    await former[Symbol.asyncDispose]()
    await using origin = openOrigin(former.url, 2)
    const calls = Array.from({ length: 10 }, () => origin.post(aRequest()))
    for (const call of await Promise.all(calls)) {
      expect(call).toMatchObject({ kind: 'broken', stale: false, cause: { code: 'ECONNREFUSED' } })
    }
    expect(origin.idle).toBe(true)
  })

  it('ends the call when the caller goes away', async () => {
    await using step = await startStep(
      request => new Promise(resolve => request.signal.addEventListener('abort', () => resolve(200)))
    )
    await using origin = openOrigin(step.url)
    const caller = new AbortController()
    const posted = origin.post(aRequest({ signal: caller.signal }))
    const [request] = await step.waitForRequests(1)
    caller.abort()
    expect(await posted).toEqual({ kind: 'aborted' })
    await expect.poll(() => request?.signal.aborted).toBe(true)
  })

  it('sends nothing for a caller who went away before', async () => {
    await using step = await startStep(200)
    await using origin = openOrigin(step.url)
    expect(await origin.post(aRequest({ signal: AbortSignal.abort() }))).toEqual({ kind: 'aborted' })
    expect(step.requests).toHaveLength(0)
  })

  it('refuses an address that the egress rules refuse, written as an address or as a name', async () => {
    for (const url of [
      'http://127.0.0.1:9',
      'http://localhost:9',
      'http://2130706433:9',
      'http://[::ffff:127.0.0.1]:9'
    ]) {
      await using origin = openOrigin(new URL(url).origin, 1, { kind: 'public' })
      const exchanged = await origin.post(aRequest())
      expect(exchanged.kind === 'broken' && exchanged.cause.name, url).toBe('EgressRefused')
    }
  })
})

describe('a hostile step', () => {
  const hello = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'

  it.each([
    ['an endless body', endlessBody(), 'tooLarge'],
    ['an endless head', endlessHead(), 'broken'],
    ['a header flood', headerFlood(100_000), 'broken'],
    ['a declared length above the limit', bytes('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\nx'), 'tooLarge'],
    ['a reset in the middle', bytesThenReset('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello'), 'broken'],
    ['an end before the declared length', bytesThenEnd('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello'), 'broken'],
    ['no HTTP', bytesThenEnd('SSH-2.0-OpenSSH_9.2\r\n'), 'broken'],
    ['a bad chunk', bytesThenEnd('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello'), 'broken'],
    ['silence', silence, 'timeout'],
    [
      'a body that drips for ever',
      drip('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n' + 'x'.repeat(900), 20),
      'timeout'
    ]
  ])('%s ends as one classified exchange', async (_name, answer, kind) => {
    await using step = await startRawStep(answer)
    await using origin = openOrigin(step.url)
    expect((await origin.post(aRequest({ timeoutMs: 300 }))).kind).toBe(kind)
  })

  it('gives a status although its error page is endless', async () => {
    await using step = await startRawStep(socket => {
      socket.write('HTTP/1.1 500 No\r\ncontent-length: 100000\r\n\r\n' + 'x'.repeat(5000))
    })
    await using origin = openOrigin(step.url)
    expect(await origin.post(aRequest({ timeoutMs: 1000 }))).toMatchObject({ kind: 'answered', status: 500 })
  })

  it('answers with informational responses first', async () => {
    await using step = await startRawStep(bytes(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${hello}`))
    await using origin = openOrigin(step.url)
    expect(textOf(await origin.post(aRequest()))).toBe('hello')
  })

  it('sends octets after its answer, which never become part of the next one', async () => {
    const smuggled = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'
    await using step = await startRawStep(bytes(hello + smuggled), bytes(hello))
    await using origin = openOrigin(step.url, 1)
    await origin.post(aRequest())
    expect(textOf(await origin.post(aRequest()))).toBe('hello')
  })

  it('closes a kept-alive connection as it is reused: the request goes out once more, on a fresh one', async () => {
    let requests = 0
    await using step = await startRawStep(socket => {
      requests++
      if (requests === 2) socket.resetAndDestroy()
      else socket.write(hello)
    })
    await using origin = openOrigin(step.url, 1)
    await origin.post(aRequest())
    expect(textOf(await origin.post(aRequest()))).toBe('hello')
    expect(requests).toBe(3)
  })

  it('resets a fresh connection: that is a failed attempt', async () => {
    await using step = await startRawStep(socket => socket.resetAndDestroy())
    await using origin = openOrigin(step.url, 1)
    expect(await origin.post(aRequest())).toMatchObject({ kind: 'broken', stale: false })
  })
})

it.each([
  ['a collected', undefined],
  ['a streamed', { idleMs: 5_000, isBounded: false, takes: () => true, begin: () => undefined, pass: () => true }]
])('%s answer leaves its connection to the next call, so that others may idle', async (_how, taker) => {
  const sockets: Socket[] = []
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'
  await using step = await startRawStep(socket => {
    // Those of the first three calls together, so that each has a connection of its own.
    if (sockets.push(socket) === 3) for (const each of sockets) each.write(answer)
    else if (sockets.length > 3) socket.write(answer)
  })
  await using origin = openOrigin(step.url, 3)
  await Promise.all(Array.from({ length: 3 }, () => origin.post(aRequest({ taker }))))
  for (let i = 0; i < 6; i++) await origin.post(aRequest({ taker }))
  expect([step.connections, new Set(sockets.slice(3)).size]).toEqual([3, 1])
})

describe('a connection that was kept', () => {
  const hello = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'

  /** A step that keeps its connections, and an origin that has used one. */
  async function startKept(later: RawAnswer = bytes(hello)) {
    const sockets: Socket[] = []
    const first: RawAnswer = (socket, request) => {
      sockets.push(socket)
      bytes(hello)(socket, request)
    }
    const step = await startRawStep(first, later)
    const origin = openOrigin(step.url)
    expect(textOf(await origin.post(aRequest()))).toBe('hello')
    const [socket] = sockets
    if (socket === undefined) throw new Error('the step was not called')
    return {
      step,
      origin,
      socket,
      async [Symbol.asyncDispose]() {
        await origin[Symbol.asyncDispose]()
        await step[Symbol.asyncDispose]()
      }
    }
  }

  /** In the check phase of the event loop: what became of the connection is read before a request is written. */
  const inCheckPhase = <T>(run: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => setImmediate(() => void run().then(resolve, reject)))

  it.each([
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['closed', (socket: Socket) => void socket.destroy()],
    ['told of a timeout', (socket: Socket) => void socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n')]
  ])('and is %s before the request went out fails nothing', async (_how, end) => {
    await using kept = await startKept()
    const posted = await inCheckPhase(() => {
      end(kept.socket)
      return kept.origin.post(aRequest())
    })
    expect(textOf(posted)).toBe('hello')
    expect(kept.step.requests).toHaveLength(2)
    expect(kept.step.connections).toBe(2)
  })

  it('makes room for the fresh one: there are never more connections than there may be', async () => {
    const open = new Set<Socket>()
    let calls = 0
    const hung: Socket[] = []
    await using step = await startRawStep(socket => {
      open.add(socket.once('close', () => open.delete(socket)))
      if (++calls === 2) hung.push(socket)
      else socket.write(hello)
    })
    await using origin = openOrigin(step.url, 1)
    await origin.post(aRequest())
    const posted = origin.post(aRequest())
    const inLine = origin.post(aRequest())
    await step.waitForRequests(2)
    for (const socket of hung) socket.resetAndDestroy()
    expect((await Promise.all([posted, inLine])).map(textOf)).toEqual(['hello', 'hello'])
    expect(step.connections).toBe(3)
    await expect.poll(() => open.size).toBe(1)
  })

  it('gives the request no more time when it goes out again', async () => {
    let calls = 0
    await using kept = await startKept(socket => {
      // Late on the kept connection, never on the fresh one.
      if (++calls === 1) setTimeout(() => socket.resetAndDestroy(), 300)
    })
    const clock = startFairClock()
    const posted = await inCheckPhase(() => kept.origin.post(aRequest({ timeoutMs: 600 })))
    expect([posted, calls]).toEqual([{ kind: 'timeout' }, 2])
    expect(clock.elapsed()).toBeLessThan(850)
  })

  it('is not to blame for a refused one', async () => {
    await using kept = await startKept()
    await kept.step[Symbol.asyncDispose]()
    await expect.poll(() => kept.origin.post(aRequest())).toMatchObject({ kind: 'broken', stale: false })
  })
})
