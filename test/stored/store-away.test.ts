import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import { startGateway } from '../../src/gateway.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
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
