import { once } from 'node:events'
import { createServer, IncomingMessage, type RequestListener } from 'node:http'
import { expect, it } from 'vitest'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { openRaw } from '../helpers/raw-client.ts'

// `http/incoming-request.ts` takes bodies from the parser, before they become a stream.
it('the parser gives each piece of a body to push, and null behind the last one', async () => {
  const pushed: (string | null)[] = []
  class Watched extends IncomingMessage {
    override push(chunk: Buffer | null): boolean {
      pushed.push(chunk && chunk.toString())
      return super.push(chunk)
    }
  }
  await using server = await startServer(Watched)
  await using connection = await openRaw(server.url)
  connection.send('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n')
  expect((await connection.response()).status).toBe(200)
  expect(pushed).toEqual(['he', 'llo', null])
})

it('readableEnded is what Node asks whether a request that was answered can be let go', async () => {
  const asked = Promise.withResolvers<void>()
  class Watched extends IncomingMessage {
    // @ts-expect-error a getter of Node's, which its types call a property
    override get readableEnded(): boolean {
      if (new Error('asked here').stack?.includes('resOnFinish') === true) asked.resolve()
      return true
    }
  }
  await using server = await startServer(Watched)
  await using connection = await openRaw(server.url)
  connection.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi')
  expect((await connection.response()).status).toBe(200)
  await asked.promise
})

it('_dump is called for a request whose answer is finished before its body was read', async () => {
  const dumped = Promise.withResolvers<void>()
  class Watched extends IncomingMessage {
    _dump(): void {
      dumped.resolve()
      // @ts-expect-error a method that the types of Node do not have
      super['_dump']()
    }
  }
  await using server = await startServer(Watched, (_, outgoing) => outgoing.end())
  await using connection = await openRaw(server.url)
  connection.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n')
  expect((await connection.response()).status).toBe(200)
  await dumped.promise
})

// `http/reading.ts` stops a connection in the way in which Node does, `http/unsent.ts` asks the handle what is unsent.
it('a connection says whether its reading is paused, has its parser, and a handle that knows what is unsent', async () => {
  const seen = Promise.withResolvers<unknown>()
  await using server = await startServer(IncomingMessage, ({ socket }, outgoing) => {
    seen.resolve(socket)
    outgoing.end()
  })
  await using connection = await openRaw(server.url)
  connection.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(await seen.promise).toMatchObject({
    _paused: false,
    parser: { resume: expect.any(Function) },
    _handle: { writeQueueSize: expect.any(Number) }
  })
})

async function startServer(Incoming: typeof IncomingMessage, answer: RequestListener = afterBody) {
  const server = createServer({ IncomingMessage: Incoming }, answer)
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

const afterBody: RequestListener = (incoming, outgoing) => void incoming.on('end', () => outgoing.end()).resume()
