import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { rawRequest } from '../helpers/raw-client.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storesOf } from './stores.ts'

describe('the Prefer header', () => {
  const newStore = storesOf('SQLite')
  const opened = new AsyncDisposableStack()
  let url = ''

  beforeAll(async () => {
    const step = opened.use(await startEchoStep())
    url = opened.use(await startStoredGateway(newStore(), { steps: [step.url] })).url
  })
  afterAll(() => opened.disposeAsync())

  const send = (lines: readonly string[]) => {
    const prefer = lines.map(line => `${line}\r\n`).join('')
    const head = `POST /default/test HTTP/1.1\r\nHost: x\r\n${prefer}Content-Type: text/plain\r\nContent-Length: 2`
    return rawRequest(url, `${head}\r\nConnection: close\r\n\r\nhi`)
  }

  it.each([
    [['Prefer: respond-async'], 'respond-async'],
    [['pReFeR: Respond-Async'], 'respond-async'],
    [['Prefer: return=minimal, respond-async;x=y ,, handling=lenient'], 'respond-async'],
    [['Prefer: return=minimal', 'Prefer: respond-async'], 'respond-async'],
    [['Prefer: respond-async', 'Prefer: wait=0'], 'respond-async, wait=0'],
    [['Prefer: respond-async, wait="0"'], 'respond-async, wait=0'],
    [['Prefer: wait = 0 , respond-async'], 'respond-async, wait=0'],
    [['Prefer: respond-async, wait=soon'], 'respond-async'],
    [['Prefer: respond-async, wait=-1'], 'respond-async'],
    [['Prefer: respond-async, wait=1.5'], 'respond-async'],
    [['Prefer: respond-async, wait='], 'respond-async'],
    [['Prefer: respond-async, wait'], 'respond-async'],
    [['Prefer: respond-async, wait=0, wait=10'], 'respond-async, wait=0'],
    [['Prefer: note="a, b", respond-async'], 'respond-async']
  ])('asks for 202: %j', async (lines, applied) => {
    const { status, headers } = await send(lines)
    expect([status, headers['preference-applied']]).toEqual([202, applied])
  })

  it.each([
    [['Prefer: respond-async, wait=5']],
    [['Prefer: respond-async', 'Prefer: wait=5']],
    [['Prefer: respond-async, wait=99999999999999999999']],
    [['Prefer: respond-async, wait=5, wait=0']]
  ])('waits for the reply: %j', async lines => {
    const { status, text } = await send(lines)
    expect([status, text]).toEqual([200, 'hi'])
  })

  it.each([
    [['Prefer: wait=0']],
    [['Prefer: respond-asynchronously']],
    [['Prefer: respond-sync']],
    [['Prefer: note="a, respond-async, b"']],
    [['Prefer: note="\\", respond-async"']],
    [['Prefer: return=respond-async']],
    [['Prefer: ,;=,"']],
    [['Prefer: ']],
    [['X-Prefer: respond-async']]
  ])('leaves it at a synchronous request: %j', async lines => {
    const { status, text, headers } = await send(lines)
    expect([status, text, headers['preference-applied']]).toEqual([200, 'hi', undefined])
  })
})
