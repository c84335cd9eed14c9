import { expect, inject, it } from 'vitest'
import { sluice } from '../../cli/sluice.ts'
import { startStep } from '../../helpers/step-server.ts'
import { kubectl, kubectlOk, waitForKinds } from '../testbed/cluster.ts'
import { startClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase } from '../testbed/pipelines.ts'

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

it('goes from an empty cluster to an answer', async () => {
  await using plane = await startControlPlane(inject('programs').kube)
  const options = { kubeconfig: plane.kubeconfig }
  const { stdout: crds } = await sluice(['crd'])
  await kubectlOk(['apply', '-f', '-'], { ...options, stdin: crds })
  await waitForKinds(['servingpipelines.sluice.dev'], options)
  await using gateway = await startClusterGateway([], plane.kubeconfig)
  await using opened = new AsyncDisposableStack()
  opened.use(await startControllerCli({ ...options, gatewayUrl: gateway.url, gatewayAdmin: gateway.adminUrl }))
  await using filter = await startStep(says('filtered'))
  await using sentiment = await startStep(says('positive'))
  const steps = [
    { name: 'filter', uri: filter.url },
    { name: 'sentiment', uri: sentiment.url, timeout: 'PT2S', delivery: { retry: 3 } }
  ]
  await applyPipeline('default', 'comments', { steps }, options)
  const { url, steps: shown } = await waitForPhase('default', 'comments', 'Running', options)
  expect(shown.map(({ breaker }: { breaker?: string }) => breaker ?? 'closed')).toEqual(['closed', 'closed'])
  const [header, row] = (await kubectlOk(['get', 'sp'], options)).split('\n')
  expect(header).toMatch(/^NAME +PHASE +READY +STEPS +INFLIGHT +PENDING +DEADLETTERS +AGE/)
  expect(row).toMatch(/^comments +Running +True +2 +0 +0 +0 +\d+s/)
  const answer = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  expect(await answer.json()).toBe('positive')
  const wrong = await kubectl(['apply', '-f', '-'], {
    ...options,
    stdin: JSON.stringify({
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ServingPipeline',
      metadata: { name: 'wrong' },
      spec: { steps: [{ uri: 'http://a', transform: 'data' }] }
    })
  })
  expect(wrong.stderr).toContain('spec.steps[0].transform: Invalid value')
  expect(wrong.stderr).toContain("must not be beside 'uri': a step is of one kind")
})
