import { beforeAll, expect, it } from 'vitest'
import { startStep } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, kubectlOk } from '../testbed/cluster.ts'
import { startClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds, pipelineDocument } from '../testbed/sluice-crds.ts'

beforeAll(() => installCrds())

it('has a ServingPipeline and a Pipeline of one name as one pipeline, in the gateway and in the status of both', async () => {
  await using step = await startStep(({ body }) => ({ body, headers: { 'content-type': 'application/json' } }))
  await using namespace = await createNamespace()
  const { name } = namespace
  await using opened = new AsyncDisposableStack()
  const gateway = opened.use(await startClusterGateway(['--namespace', name]))
  opened.use(await startControllerCli({ namespace: name }))
  await applyPipeline(name, 'both', { steps: [{ name: 'own', uri: step.url }] })
  const sourced = pipelineDocument('both', {
    steps: [{ name: 'other', uri: step.url }],
    sources: [{ name: 'ticks', schedule: { cron: '* * * * * *', data: { tick: true } } }],
    sinks: [{ name: 'kept', uri: `${step.url}/kept` }],
    limits: { maxQueued: 7 }
  })
  const stdin = sourced.replace('ServingPipeline', 'Pipeline')
  await kubectlOk(['apply', '-n', name, '-f', '-'], { stdin })
  const status = await waitForStatus(name, 'both', ({ taken }) => taken?.length > 0, 'what was taken')
  expect(status.taken).toEqual(['limits.maxQueued'])
  expect(status.steps.map(({ path }: { path: string }) => path)).toEqual(['own', 'sinks', 'sinks/kept'])
  const entry = await waitFor(() => step.requests.find(({ url }) => url === '/kept'), { what: 'a tick at the sink' })
  expect(String(entry.body)).toBe('{"tick":true}')
  const answer = await gateway.post(`${name}/both`, '{"from":"caller"}')
  expect([answer.status, await answer.text()]).toEqual([200, '{"from":"caller"}'])
  const row = (await kubectlOk(['get', '-n', name, 'spl', 'both', '--no-headers'])).split(/ +/)
  expect(row.slice(0, 3)).toEqual(['both', 'Running', 'True'])
  await kubectlOk(['delete', '-n', name, 'spl', 'both'])
  const isGone = ({ conditions }: { conditions: readonly { type: string; reason: string }[] }): boolean =>
    conditions.some(({ type, reason }) => type === 'Valid' && reason === 'DefinitionGone')
  expect((await waitForStatus(name, 'both', isGone, 'Valid of what is left')).taken).toEqual(['limits.maxQueued'])
})
