import { expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { openRaw } from '../helpers/raw-client.ts'
import { waitFor } from '../helpers/wait-for.ts'

const body = '{"text":"hello"}'
const batch = '[{"specversion":"1.0","id":"1","source":"/a","type":"b","data":1}]'

function post(path: string, text: string, ...headers: readonly string[]): string {
  const head = [`POST ${path} HTTP/1.1`, 'host: a.test', ...headers, `content-length: ${text.length}`, '', '']
  return `${head.join('\r\n')}${text}`
}

const chunked = [
  'POST /default/test HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n',
  '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
].join('')

const requests = [
  { what: 'a body of a known length', request: post('/default/test', body) },
  { what: 'chunks', request: chunked },
  { what: 'a request that is stored', request: post('/default/test', body, 'prefer: respond-async') },
  { what: 'a batch', request: post('/default/test', batch, 'content-type: application/cloudevents-batch+json') },
  { what: 'an inference', request: post('/v2/models/test/infer', body) },
  { what: 'the second of two at once', request: `${post('/default/test', body)}${post('/default/test', body)}` },
  { what: 'something else in place of a chunk', request: `${chunked.slice(0, -9)}ZZ\r\nand more` }
]

/** Sends the first octets of the request and hangs up, for each number of octets. */
async function hangUpEverywhere(url: string, request: string): Promise<void> {
  for (let from = 1; from <= request.length; from += 20) {
    const counts = Array.from({ length: Math.min(20, request.length - from + 1) }, (_, i) => from + i)
    await Promise.all(
      counts.map(async count => {
        await using connection = await openRaw(url)
        connection.send(request.slice(0, count))
      })
    )
  }
}

const inFlight = async ({ adminUrl }: TestGateway): Promise<string | undefined> =>
  /^sluice_inflight\{.*\} (\d+)$/m.exec(await (await fetch(`${adminUrl}/metrics`)).text())?.[1]

it.each(requests)('a client that hangs up anywhere in $what leaves no place taken', async ({ request }) => {
  await using gateway = await startTestGateway({ steps: [{ transform: '1' }], spec: { limits: { maxConcurrent: 1 } } })
  await hangUpEverywhere(gateway.url, request)
  await waitFor(async () => (await gateway.post()).status === 200, { what: 'the one place' })
  await waitFor(async () => (await inFlight(gateway)) === '0', { what: 'nothing in flight' })
})

it('a client that hangs up anywhere in a call of the admin plane costs nothing', async () => {
  await using gateway = await startTestGateway({ steps: [{ transform: '1' }] })
  await hangUpEverywhere(gateway.adminUrl, post('/deadletters/replay', body))
  expect((await fetch(`${gateway.adminUrl}/livez`)).status).toBe(200)
})

it('callers who send slowly leave the places to others', async () => {
  await using gateway = await startTestGateway({ steps: [{ transform: '1' }], spec: { limits: { maxConcurrent: 1 } } })
  await using slow = await openRaw(gateway.url)
  slow.send(post('/default/test', body).slice(0, -1))
  expect((await gateway.post()).status).toBe(200)
  slow.send('}')
  expect((await slow.response()).status).toBe(200)
})
