import { expect, it } from 'vitest'
import { bytes, bytesThenEnd, bytesThenReset, silence } from './hostile-answers.ts'
import { openRaw, rawRequest } from './raw-client.ts'
import { startRawStep } from './raw-step.ts'
import { startStep } from './step-server.ts'

const get = 'GET / HTTP/1.1\r\nhost: step\r\n\r\n'

it('gives status, headers and body of a real server, chunked or not', async () => {
  await using step = await startStep({ headers: { 'x-kind': 'a' }, body: '{}' }, { body: chunks('a', 'b') })
  expect(await rawRequest(step.url, get)).toMatchObject({
    status: 200,
    text: '{}',
    headers: { 'x-kind': 'a' },
    closed: false
  })
  expect(await rawRequest(step.url, get)).toMatchObject({
    status: 200,
    text: 'ab',
    headers: { 'transfer-encoding': 'chunked' }
  })
})

it('sends the bytes as they are, in the chunks that the test gives', async () => {
  await using step = await startStep(200)
  const response = await rawRequest(step.url, [
    'POST /a HTTP/1.1\r\nhost: step\r\nX-Odd: é',
    '\r\ncontent-le',
    'ngth: 2\r\n\r\n{',
    '}'
  ])
  expect(response.status).toBe(200)
  expect(step.requests[0]).toMatchObject({ method: 'POST', url: '/a', body: Buffer.from('{}') })
})

it('keeps the interim answers apart', async () => {
  await using step = await startRawStep(
    bytes('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 204 No\r\n\r\n')
  )
  expect(await rawRequest(step.url, get)).toMatchObject({ interim: [100, 103], status: 204, text: '' })
})

it('gives pipelined answers one by one', async () => {
  await using step = await startStep({ body: 'first' }, { body: 'second' })
  await using connection = await openRaw(step.url)
  connection.send(get + get)
  expect((await connection.response()).text).toBe('first')
  expect((await connection.response()).text).toBe('second')
})

it('waits for the close that an answer announces', async () => {
  await using step = await startStep({ headers: { connection: 'close' }, body: 'bye' })
  expect(await rawRequest(step.url, get)).toMatchObject({ text: 'bye', closed: true })
})

it('reads an answer without a length to the end of the connection', async () => {
  await using step = await startRawStep(bytesThenEnd('HTTP/1.1 200 OK\r\n\r\nall of it'))
  expect(await rawRequest(step.url, get)).toMatchObject({ status: 200, text: 'all of it', closed: true })
})

it.each([
  ['ends', bytesThenEnd('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort')],
  ['resets', bytesThenReset('')]
])('gives status 0 when the server %s the connection before the answer is whole', async (_, answer) => {
  await using step = await startRawStep(answer)
  expect(await rawRequest(step.url, get)).toMatchObject({ status: 0, closed: true })
})

it('says what came when the answer does not', async () => {
  await using step = await startRawStep(bytes('HTTP/1.1 200'), silence)
  await expect(rawRequest(step.url, get, { timeoutMs: 200 })).rejects.toThrow(
    'no whole answer in 200 ms; what came is "HTTP/1.1 200"'
  )
})

async function* chunks(...parts: string[]): AsyncGenerator<string> {
  yield* parts
}
