import { describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { createGate } from '../helpers/gate.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { acceptClaimed, aRequest } from '../helpers/ledger-requests.ts'
import { startStep } from '../helpers/step-server.ts'
import { statusOf, submit } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { stores } from './stores.ts'

const pipeline = 'default/gone'

describe.each(stores)('a stored request on $store that waits', ({ open }) => {
  it('says that a breaker is open, until when, and what was met before; so does one that came later', async () => {
    await using store = await open()
    await using model = await startStep(500)
    await using gateway = await startTestGateway({
      steps: [
        {
          name: 'a',
          uri: model.url,
          delivery: { retry: 0 },
          circuitBreaker: { volumeThreshold: 1, resetTimeout: '60s' }
        }
      ],
      config: store.config
    })
    await waitFor(async () => (await gateway.post()).status === 503, { what: 'the breaker to open' })
    const ids = [await submit(gateway, { data: '1' })]
    const held = { status: 'accepted', waiting: { reason: 'breaker', lastError: { code: 'BREAKER_OPEN', step: 'a' } } }
    const document = await waitFor(
      async () => {
        const found = await statusOf(gateway, ids[0] ?? '')
        return found.waiting?.reason === 'breaker' && found
      },
      { what: 'the first to be held' }
    )
    expect(document).toMatchObject(held)
    ids.push(await submit(gateway, { data: '2' }))
    expect(await statusOf(gateway, ids[1] ?? '')).toMatchObject(held)
    expect(Date.parse(document.waiting?.until ?? '')).toBeGreaterThan(
      Date.parse(document.waiting?.since ?? '') + 30_000
    )
    const listed = (await (await fetch(`${gateway.adminUrl}/requests`)).json()) as { items: unknown[] }
    expect(listed).toMatchObject({ items: [held, held] })
  })

  it('says that it keeps its order, or that all places in flight are taken', async () => {
    await using store = await open()
    const gate = createGate()
    await using model = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using gateway = await startTestGateway({
      steps: [model.url],
      spec: { ordering: 'key', limits: { maxInFlight: 1 } },
      config: store.config
    })
    const accept = async (key: string): Promise<string> => {
      const headers = { prefer: 'respond-async', 'ce-specversion': '1.0', 'ce-type': 't', 'ce-source': '/s' }
      const answer = await gateway.post('{}', {
        headers: { ...headers, 'ce-id': crypto.randomUUID(), 'ce-partitionkey': key }
      })
      return ((await answer.json()) as { id: string }).id
    }
    const first = await accept('a')
    await model.waitForRequests(1)
    const [second, third] = [await accept('a'), await accept('b')]
    expect((await statusOf(gateway, first)).waiting).toBeUndefined()
    expect(await statusOf(gateway, second)).toMatchObject({ status: 'accepted', waiting: { reason: 'order' } })
    expect(await statusOf(gateway, third)).toMatchObject({ status: 'accepted', waiting: { reason: 'queue' } })
    gate.open()
  })
})

describe('requests of a pipeline that is not served any more', () => {
  it('wait and are told, one that ran when its gateway was killed too; deadline and DELETE hold', async () => {
    await using folder = await createTempFolder()
    const path = `${folder.path}/sluice.db`
    const [ran, late, cancelled] = [
      aRequest({ pipeline }),
      aRequest({ pipeline, deadline: Date.now() - 1 }),
      aRequest({ pipeline })
    ]
    {
      await using ledger = await openSqliteLedger({ path })
      await acceptClaimed(ledger, ran)
      await ledger.accept([late, cancelled])
    }
    await using model = await startStep(200)
    await using gateway = await startTestGateway({ steps: [model.url], config: { store: `sqlite:${path}` } })
    const call = async (id: string, method = 'GET'): Promise<unknown> =>
      (await fetch(`${gateway.url}/${pipeline}/requests/${id}`, { method })).json()
    const until = (id: string, wanted: object): Promise<boolean> =>
      waitFor(
        async () => {
          expect(await call(id)).toMatchObject(wanted)
          return true
        },
        { what: JSON.stringify(wanted) }
      )
    await until(ran.id, { status: 'accepted', deliveries: 1, waiting: { reason: 'pipeline' } })
    await until(late.id, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED', attempts: 0 } })
    expect(await call(cancelled.id)).toMatchObject({ status: 'accepted', waiting: { reason: 'pipeline' } })
    const verbose = await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()
    expect(verbose).toMatch(/\[!\] pipeline default\/gone is not served here: .* wait for it: \d/)
    expect(await call(cancelled.id, 'DELETE')).toMatchObject({ status: 'cancelled' })
  })
})
