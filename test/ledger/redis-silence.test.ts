import { expect, it } from 'vitest'
import { aRequest } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startMuteProxy } from './mute-proxy.ts'
import { connectReplica } from './redis-ledgers.ts'

it('gives up a subscription that has fallen silent for a new one', async () => {
  await using server = await startRedis()
  await using proxy = await startMuteProxy(server.port)
  await using other = await connectReplica(server.url, 'test')
  await using ledger = await connectReplica(`redis://127.0.0.1:${proxy.port}`, 'test')
  const told: string[] = []
  using watching = ledger.watch(pipeline => told.push(pipeline))
  expect(watching).toBeDefined()
  const isTold = async (): Promise<boolean> => {
    await other.accept([aRequest()])
    return told.length > 0
  }
  await waitFor(isTold, { what: 'the subscription' })
  proxy.mute('sluice-subscriptions')
  told.length = 0
  await waitFor(isTold, { what: 'the new subscription', timeoutMs: 15_000 })
})
