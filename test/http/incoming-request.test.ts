import { once } from 'node:events'
import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { openRaw } from '../helpers/raw-client.ts'

const unheld = (): BodyShare => new BodyShare(new BodyMemory(Infinity))

type Handle = (incoming: IncomingRequest) => Promise<unknown>

/** A server that answers what the handler says of each request, as JSON; a failure by its message. */
async function startServer(handle: Handle) {
  const server = createServer({ IncomingMessage: IncomingRequest }, (incoming, outgoing) => {
    handle(incoming)
      .catch((thrown: unknown) => String(thrown))
      .then(said => outgoing.end(JSON.stringify(said)))
      .catch(() => {})
  })
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

const takeText =
  (maxBytes = 1000): Handle =>
  async incoming => {
    const body = await incoming.body(maxBytes, unheld())
    return body && Buffer.from(body).toString()
  }

const post = (...headers: readonly string[]): string =>
  ['POST / HTTP/1.1', 'host: a.test', ...headers, '', ''].join('\r\n')

const said = async (connection: Awaited<ReturnType<typeof openRaw>>): Promise<unknown> =>
  JSON.parse((await connection.response()).body.toString())

describe('the body of a request', () => {
  it('is taken whole, in however many pieces it comes', async () => {
    await using server = await startServer(takeText())
    await using connection = await openRaw(server.url)
    connection.send(post('transfer-encoding: chunked'))
    for (const piece of ['2\r\nhe\r', '\n1\r\n', 'l\r\n2\r\nlo\r\n', '0\r\n\r\n']) connection.send(piece)
    expect(await said(connection)).toBe('hello')
  })

  it.each([
    ['no length', post()],
    ['the length 0', post('content-length: 0')]
  ])('is empty with %s', async (_name, request) => {
    await using server = await startServer(takeText())
    await using connection = await openRaw(server.url)
    connection.send(request)
    expect(await said(connection)).toBe('')
  })

  it('is that of its own request, also when several are sent at once', async () => {
    await using server = await startServer(takeText())
    await using connection = await openRaw(server.url)
    const bodies = ['one', 'and another', 'x'.repeat(900), 'last']
    connection.send(bodies.map(body => `${post(`content-length: ${body.length}`)}${body}`).join(''))
    for (const body of bodies) expect(await said(connection)).toBe(body)
  })

  it('is nothing when the client goes away before its end', async () => {
    const taken = Promise.withResolvers<unknown>()
    await using server = await startServer(async incoming => taken.resolve(await incoming.body(1000, unheld())))
    {
      await using connection = await openRaw(server.url)
      connection.send(`${post('content-length: 10')}hel`)
    }
    expect(await taken.promise).toBeUndefined()
  })

  it('is refused when it says that it is too large, or is; the rest can be read then', async () => {
    await using server = await startServer(async incoming => {
      const refused = await incoming.body(10, unheld()).catch((thrown: unknown) => String(thrown))
      let rest = 0
      for await (const chunk of incoming) rest += (chunk as Buffer).length
      return { refused, rest }
    })
    await using connection = await openRaw(server.url)
    connection.send(`${post('content-length: 11')}${'x'.repeat(11)}`)
    expect(await said(connection)).toMatchObject({
      refused: expect.stringContaining('larger than the 10 bytes'),
      rest: 11
    })
    connection.send(`${post('transfer-encoding: chunked')}b\r\n${'x'.repeat(11)}\r\n`)
    connection.send('3\r\nyyy\r\n0\r\n\r\n')
    expect(await said(connection)).toMatchObject({
      refused: expect.stringContaining('larger than the 10 bytes'),
      rest: 3
    })
  })

  it('is not kept by a connection that is idle, nor is its request', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    let arrived: WeakRef<IncomingRequest> | undefined
    await using server = await startServer(incoming => {
      arrived = new WeakRef(incoming)
      return takeText()(incoming)
    })
    await using connection = await openRaw(server.url)
    connection.send(`${post('content-length: 5')}hello`)
    await said(connection)
    const kept = (): unknown => {
      collectGarbage()
      return arrived?.deref()
    }
    await expect.poll(kept).toBeUndefined()
  })

  it('that was not asked for at once is not waited for in vain', async () => {
    await using server = await startServer(async incoming => {
      await once(incoming, 'readable')
      return takeText()(incoming)
    })
    await using connection = await openRaw(server.url)
    connection.send(`${post('content-length: 5')}hello`)
    expect(await said(connection)).toMatch('goes to the stream already')
  })
})
