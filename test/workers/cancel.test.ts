import { expect, it } from 'vitest'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { callOnce, many } from './gateway-with-workers.ts'

it('a request that is cancelled by way of any worker stops at once in the one that runs it, and is counted once', async () => {
  await using folder = await createTempFolder()
  await using step = await startStep(() => new Promise<number>(() => {}))
  // Claims are renewed long after the test: nobody learns of the end that way.
  await using gateway = await startKillableGateway({
    steps: [step.url],
    store: `sqlite:${folder.path}/test.db`,
    leaseMs: 600_000,
    workers: 2
  })
  const count = 20
  const headers = { prefer: 'respond-async', 'content-type': 'application/json' }
  const accepted = await many(count, n =>
    callOnce(`${gateway.url}/default/test`, { method: 'POST', headers, body: String(n) })
  )
  const requests = await step.waitForRequests(count)
  await many(count, n => callOnce(`${gateway.url}${String(accepted[n]?.headers['location'])}`, { method: 'DELETE' }))
  await waitFor(() => requests.every(({ signal }) => signal.aborted), { what: 'the end of all calls' })
  expect(requests).toHaveLength(count)
  const metrics = async () => (await callOnce(`${gateway.adminUrl}/metrics`)).text
  const isOver = async () => (await metrics()).includes('sluice_inflight{pipeline="default/test"} 0\n')
  await waitFor(isOver, { what: 'the end of all runs' })
  expect((await metrics()).match(/^sluice_requests_total.*$/gm)).toEqual([
    `sluice_requests_total{pipeline="default/test",mode="async",outcome="cancelled"} ${count}`
  ])
})
