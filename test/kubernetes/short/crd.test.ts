import { beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { sluice } from '../../cli/sluice.ts'
import { createNamespace, kubectl, kubectlOk, waitForKinds, type Ran } from '../testbed/cluster.ts'
import { readPipelines } from '../../../src/pipeline/read-pipelines.ts'

beforeAll(async () => {
  const { stdout, code } = await sluice(['crd'])
  expect(code).toBe(0)
  await kubectlOk(['apply', '-f', '-'], { stdin: stdout })
  await waitForKinds(['servingpipelines.sluice.dev'])
})

const document = (spec: unknown, name = 'test'): string =>
  stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata: { name }, spec })

const dryRun = (spec: unknown): Promise<Ran> =>
  kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { stdin: document(spec) })

/** The faults that `sluice validate` finds. */
const validated = (spec: unknown) => readPipelines([{ file: 'a.yaml', text: document(spec) }]).faults

describe('sluice crd', () => {
  it('can be applied by the server, with no condition against it', async () => {
    const text = await kubectlOk(['get', 'crd', 'servingpipelines.sluice.dev', '-o', 'json'])
    const { status } = JSON.parse(text)
    const conditions = Object.fromEntries(
      status.conditions.map(({ type, status: is }: { type: string; status: string }) => [type, is])
    )
    expect(conditions).toEqual({ NamesAccepted: 'True', Established: 'True' })
  })

  it('takes the pipelines of the examples as they are', async () => {
    for (const file of ['examples/comments.yaml', 'examples/node/pipeline.yaml']) {
      const ran = await kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', file])
      expect(ran.stdout, ran.stderr).toMatch(/created \(server dry run\)/)
    }
  })

  it.each([
    [{ uri: 'http://a' }],
    [{ ref: { kind: 'Service', apiVersion: 'v1', name: 'a' } }],
    [{ run: { image: 'a' } }],
    [{}]
  ])('takes a share of the calls of %j away by traffic', async own => {
    const traffic = [{ uri: 'http://b', tag: 'canary', percent: Object.keys(own).length === 0 ? 100 : 5 }]
    const { code, stderr } = await dryRun({ steps: [{ name: 'model', ...own, traffic }] })
    expect([code, stderr]).toEqual([0, ''])
  })

  it('takes a canary of an image that is deployed', async () => {
    const traffic = [{ run: { image: 'b', env: { MODEL: 'two' } }, tag: 'b', percent: 5 }]
    const rollout = { tag: 'c', steps: [5, 100] }
    const rolled = { run: { image: 'a' }, traffic: [{ run: { image: 'c' }, tag: 'c' }], rollout }
    const steps = [{ run: { image: 'a' }, traffic }, rolled]
    const { code, stderr } = await dryRun({ steps })
    expect([code, stderr]).toEqual([0, ''])
  })

  it.each([
    [{ steps: [{ name: 'a' }] }],
    [{ steps: [{ uri: 'http://a', transform: 'data' }] }],
    [{ steps: [{ uri: 'http://a', run: { command: ['a'] } }] }],
    [{ steps: [{ uri: 'http://a', timeout: 'soon' }] }],
    [{ steps: [{ uri: 'http://a', delivery: { backoffDelay: 'PT' } }] }],
    [{ steps: [{ uri: 'http://a', hedge: { delay: '1s' } }] }],
    [{ steps: [{ uri: 'http://a', otherwise: [{ uri: 'http://b' }] }] }],
    [{ steps: [{ uri: 'ftp://a' }] }],
    [{ steps: [{ uri: 'http://a' }], reply: { audience: 'a' } }],
    [{ steps: [{ split: [{ uri: 'http://a', weight: 0 }] }] }],
    [{ steps: [{ transform: 'data', traffic: [{ uri: 'http://a' }] }] }],
    [{ steps: [{ uri: 'http://a', traffic: [{ run: { image: 'b' }, tag: 'b' }] }] }],
    [{ steps: [{ run: { image: 'a' }, traffic: [{ run: { image: 'b' } }] }] }],
    [{ steps: [{ run: { image: 'a' }, traffic: [{ run: { image: 'b' }, uri: 'http://b', tag: 'b' }] }] }],
    [{ steps: [{ run: { image: 'a' }, traffic: [{ percent: 5 }] }] }],
    [{ steps: [{ uri: 'http://a', rollout: { tag: 'a', steps: [50], every: 'PT1M' } }] }]
  ])('says what sluice validate says of %j', async spec => {
    const { code, stderr } = await dryRun(spec)
    expect(code).not.toBe(0)
    const said = validated(spec).map(({ path, message }) => [stderr.includes(path), stderr.includes(message)])
    expect(said).toContainEqual([true, true])
  })

  it('names a field that there is not', async () => {
    const { stderr } = await dryRun({ steps: [{ uri: 'http://a', retries: 3 }] })
    expect(stderr).toContain('unknown field "spec.steps[0].retries"')
  })

  it('fills in the phase that is wanted, and what is kept of requests', async () => {
    await using namespace = await createNamespace()
    await kubectlOk(['apply', '-n', namespace.name, '-f', '-'], { stdin: document({ steps: [{ uri: 'http://a' }] }) })
    const { spec } = JSON.parse(await kubectlOk(['get', '-n', namespace.name, 'sp', 'test', '-o', 'json']))
    expect(spec).toMatchObject({
      lifecycle: { desiredPhase: 'Running', pauseGracePeriodSeconds: 30 },
      requests: { stored: false, ttl: 'PT24H' },
      steps: [{ uri: 'http://a' }]
    })
    expect(Object.keys(spec.steps[0])).toEqual(['uri'])
  })

  it('has columns, and can be selected by phase', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await kubectlOk(['apply', '-n', name, '-f', '-'], { stdin: document({ steps: [{ uri: 'http://a' }] }) })
    const status = JSON.stringify({ status: { phase: 'Running', stepCount: 1, inFlight: 3 } })
    await kubectlOk(['patch', '-n', name, 'sp', 'test', '--subresource=status', '--type=merge', '-p', status])
    const [columns, row] = (await kubectlOk(['get', '-n', name, 'sp'])).split('\n')
    expect(columns?.split(/\s+/).filter(word => word !== '')).toEqual([
      'NAME',
      'PHASE',
      'READY',
      'STEPS',
      'INFLIGHT',
      'PENDING',
      'DEADLETTERS',
      'AGE'
    ])
    expect(row).toMatch(/^test +Running +1 +3 /)
    const running = await kubectlOk([
      'get',
      '-n',
      name,
      'sluice',
      '--field-selector=status.phase=Running',
      '-o',
      'name'
    ])
    expect(running.trim()).toBe('servingpipeline.sluice.dev/test')
  })
})
