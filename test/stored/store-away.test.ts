import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import { startGateway } from '../../src/gateway.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { startCli } from '../helpers/cli.ts'
import { pipelineText, testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

/** Accepts, and can tell nothing of it: a file whose pages are damaged, say. */
const unreadable = (ledger: Ledger): Ledger =>
  new Proxy(ledger, {
    get(target, name: keyof Ledger) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'read' && name !== 'wait') return value.bind(target)
      return () => Promise.reject(new SluiceError('STORE_UNAVAILABLE', 'the store is damaged'))
    }
  })

describe('a request that was accepted by a store that can tell nothing of it any more', () => {
  it.each([
    ['waits', { prefer: 'respond-async, wait=5' }],
    ['follows it', { prefer: 'respond-async', accept: 'text/event-stream' }],
    ['repeats it', { 'idempotency-key': 'a' }]
  ])('is never answered 503, when its caller %s', async (_, headers) => {
    await using folder = await createTempFolder()
    await using step = await startStep(200)
    const config = testConfig({ files: [await folder.write('test.json', pipelineText([step.url]))] })
    await using gateway = await startGateway(config, { decorate: unreadable })
    for (const time of ['first', 'second']) {
      const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } }
      const answer = await fetch(`${gateway.url}/default/test`, init)
      expect([time, answer.status, await answer.json()]).toMatchObject([time, 202, { status: 'accepted' }])
    }
  })
})

it('a store that cannot be opened is told to callers with its path and what to do, and to the log', async () => {
  await using folder = await createTempFolder()
  await using step = await startStep(200)
  await folder.write('test.json', pipelineText([step.url]))
  const args = ['run', 'test.json', '--port', '0', '--admin-port', '0']
  await using gateway = await startCli(args, { cwd: folder.path })
  const [, url = ''] = await gateway.waitForLine(/^sluice ready on (http:\S+)/)
  const path = join(folder.path, 'sluice.db')
  await mkdir(path)
  const answer = await fetch(`${url}/default/test`, { method: 'POST', headers: { prefer: 'respond-async' } })
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { code: 'STORE_UNAVAILABLE', detail: `${path} is not a file: name one (--store sqlite:PATH)` }
  ])
  const [line] = await gateway.waitForLine(/.*the store cannot be opened; nothing is stored.*/)
  expect(JSON.parse(line)).toMatchObject({ level: 50, err: { message: expect.stringContaining(path) } })
})
