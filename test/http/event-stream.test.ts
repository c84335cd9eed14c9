import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EventStream } from '../../src/http/event-stream.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'

const heartbeat = ': still here\n\n'

let owned: AsyncDisposableStack

beforeEach(() => {
  owned = new AsyncDisposableStack()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(async () => {
  vi.useRealTimers()
  await owned.disposeAsync()
})

/** A stream that is open, and the connection of its caller, who has read the head of the answer. */
async function openStream(): Promise<{ stream: EventStream; outgoing: ServerResponse; caller: Socket }> {
  const { promise: requested, resolve } = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, outgoing) => resolve(outgoing))
  const port = await listenOnLoopback(server)
  owned.defer(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const caller = connect(port, '127.0.0.1').setEncoding('latin1')
  owned.defer(() => void caller.destroy())
  caller.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const outgoing = await requested
  const stream = new EventStream(outgoing)
  stream.open('an-id')
  await once(caller, 'data')
  return { stream, outgoing, caller }
}

/** Answers the text that the caller has read when this end has come. */
async function readUntil(caller: Socket, end: string): Promise<string> {
  let text = ''
  while (!text.includes(end)) text += (await once(caller, 'data'))[0]
  return text
}

/** Passes octets through until the caller does not keep up. */
function fill(stream: EventStream, drained: () => void): void {
  const octets = Buffer.from(`data: ${'x'.repeat(65_536)}\n\n`)
  while (stream.pass(octets, drained));
}

it('tells a quiet connection every 15 s that it is still there', async () => {
  const { caller } = await openStream()
  for (let beat = 0; beat < 3; beat++) {
    vi.advanceTimersByTime(15_000)
    expect(await readUntil(caller, heartbeat)).toContain(heartbeat)
  }
})

it('puts no heartbeat into an event that is passed through in parts', async () => {
  const { stream, caller } = await openStream()
  stream.pass(Buffer.from('data: first half'), () => {})
  vi.advanceTimersByTime(15_000)
  stream.pass(Buffer.from(', second half\n\n'), () => {})
  vi.advanceTimersByTime(15_000)
  const [before] = (await readUntil(caller, heartbeat)).split(heartbeat)
  expect(before).toContain('second half')
})

it('begins an event of its own after what broke off in the middle of one', async () => {
  const { stream, caller } = await openStream()
  stream.pass(Buffer.from('data: broken o'), () => {})
  stream.send('error', 'why\nand how', 3)
  const text = await readUntil(caller, 'and how\n\n')
  expect(text).toContain('\n\nid: 3\nevent: error\ndata: why\ndata: and how\n\n')
})

it('gives up a caller who has not read anything for a minute', async () => {
  const { stream, outgoing, caller } = await openStream()
  caller.pause()
  fill(stream, () => {})
  const closed = once(outgoing, 'close')
  vi.advanceTimersByTime(45_000)
  expect(outgoing.destroyed).toBe(false)
  vi.advanceTimersByTime(15_000)
  await closed
  expect(outgoing.destroyed).toBe(true)
})

it('keeps a slow caller who reads again in time, and goes on when what was written is read', async () => {
  const { stream, outgoing, caller } = await openStream()
  caller.pause()
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  fill(stream, resolve)
  vi.advanceTimersByTime(45_000)
  caller.resume()
  await drained
  vi.advanceTimersByTime(15_000)
  expect(outgoing.destroyed).toBe(false)
  expect(await readUntil(caller, heartbeat)).toContain(heartbeat)
  vi.advanceTimersByTime(45_000)
  expect(outgoing.destroyed).toBe(false)
})
