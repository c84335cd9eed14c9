import { beforeAll, describe, expect, it } from 'vitest'
import { startStep } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { installAddressableKinds, setAddress } from '../testbed/addressable-kinds.ts'
import { createNamespace, kubectlOk } from '../testbed/cluster.ts'
import { answers, conditionsOf, startClusterGateway } from '../testbed/cluster-gateway.ts'
import { installCrds, pipelineDocument } from '../testbed/sluice-crds.ts'

beforeAll(async () => {
  await installCrds()
  await installAddressableKinds()
})

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

const apply = (namespace: string, name: string, spec: unknown): Promise<string> =>
  kubectlOk(['apply', '-n', namespace, '-f', '-'], { stdin: pipelineDocument(name, spec) })

const object = (apiVersion: string, kind: string, name: string): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name }, spec: {} })

const workers = ['--workers', '2']
const forms: readonly { readonly form: string; readonly args: readonly string[] }[] = [
  { form: 'one process', args: [] },
  { form: 'two workers', args: workers }
]

describe('sluice run --kubernetes', () => {
  it.each(forms)(
    'serves what there is, what comes, what changes, and no more what goes, with $form',
    async ({ args }) => {
      await using namespace = await createNamespace()
      await using one = await startStep(says('one'))
      await using two = await startStep(says('two'))
      await apply(namespace.name, 'first', { steps: [{ uri: one.url }] })
      await using gateway = await startClusterGateway(['--namespace', namespace.name, ...args])
      expect(await (await gateway.post(`${namespace.name}/first`)).json()).toBe('one')
      await apply(namespace.name, 'second', { steps: [{ uri: one.url }] })
      await answers(gateway, `${namespace.name}/second`, 'one')
      await apply(namespace.name, 'second', { steps: [{ uri: two.url }] })
      await answers(gateway, `${namespace.name}/second`, 'two')
      await kubectlOk(['delete', '-n', namespace.name, 'sp', 'second'])
      await waitFor(async () => (await gateway.post(`${namespace.name}/second`)).status === 404, {
        what: 'the end of it'
      })
    }
  )

  it('keeps the last good definition of one that has become faulty, and serves nobody of another namespace', async () => {
    await using namespace = await createNamespace()
    await using other = await createNamespace()
    await using step = await startStep(says('good'))
    await apply(namespace.name, 'test', { steps: [{ uri: step.url }] })
    await apply(other.name, 'test', { steps: [{ uri: step.url }] })
    await using gateway = await startClusterGateway(['--namespace', namespace.name])
    await answers(gateway, `${namespace.name}/test`, 'good')
    await apply(namespace.name, 'test', { steps: [{ transform: '$$$(' }] })
    await gateway.process.waitForLine(/a definition is faulty; the last good one serves on/)
    await answers(gateway, `${namespace.name}/test`, 'good')
    expect((await gateway.post(`${other.name}/test`)).status).toBe(404)
  })

  it.each([
    ['serving.knative.dev/v1', 'Service', 'one process'],
    ['eventing.knative.dev/v1', 'Broker', 'two workers'],
    ['messaging.knative.dev/v1', 'InMemoryChannel', 'one process']
  ])('resolves a ref to a %s %s, and follows it, with %s', async (apiVersion, kind, which) => {
    await using namespace = await createNamespace()
    await using one = await startStep(says('one'))
    await using two = await startStep(says('two'))
    const { name } = namespace
    await apply(name, 'test', { steps: [{ ref: { apiVersion, kind, name: 'model' } }] })
    await using gateway = await startClusterGateway(['--namespace', name, ...(which === 'two workers' ? workers : [])])
    const problem = (await (await gateway.post(`${name}/test`)).json()) as { code: string; detail: string }
    expect([problem.code, problem.detail]).toEqual([
      'PIPELINE_NOT_READY',
      expect.stringContaining(`${kind}/${name}/model`)
    ])
    await kubectlOk(['apply', '-n', name, '-f', '-'], { stdin: object(apiVersion, kind, 'model') })
    const [group = ''] = apiVersion.split('/')
    await setAddress(name, `${kind.toLowerCase()}s.${group}/model`, one.url)
    await answers(gateway, `${name}/test`, 'one')
    await setAddress(name, `${kind.toLowerCase()}s.${group}/model`, two.url)
    await answers(gateway, `${name}/test`, 'two')
    await setAddress(name, `${kind.toLowerCase()}s.${group}/model`, undefined)
    // A kind that has no address any more may be between two: the last one that was known is called on.
    await waitFor(async () => (await conditionsOf(gateway, `${name}/test`))['Resolved'] === 'False', {
      what: 'the lost address to be told'
    })
    await answers(gateway, `${name}/test`, 'two')
  })

  it.each(forms)('sends what a Secret says, and waits for one that is not there, with $form', async ({ args }) => {
    await using namespace = await createNamespace()
    await using step = await startStep(({ headers }) => says(String(headers['authorization'])))
    const { name } = namespace
    const headers = { authorization: { prefix: 'Bearer ', secretKeyRef: { name: 'model', key: 'token' } } }
    await apply(name, 'test', { steps: [{ uri: step.url, headers }] })
    await using gateway = await startClusterGateway(['--namespace', name, ...args])
    await waitFor(
      async () => (await (await gateway.post(`${name}/test`)).text()).includes('there is no Secret model'),
      { what: 'the missing Secret to be told' }
    )
    await kubectlOk(['create', 'secret', 'generic', 'model', '-n', name, '--from-literal=token=s3cret'])
    await answers(gateway, `${name}/test`, 'Bearer s3cret')
    expect(gateway.process.output.stderr).not.toContain('s3cret')
  })

  it.each(forms)('sends a token of its namespace for an audience, with $form', async ({ args }) => {
    await using namespace = await createNamespace()
    await using step = await startStep(({ headers }) => says(String(headers['authorization'])))
    const { name } = namespace
    await apply(name, 'test', { steps: [{ uri: step.url, audience: 'https://model' }] })
    await using gateway = await startClusterGateway(['--namespace', name, ...args])
    const token = await waitFor(
      async () => {
        const answer = await gateway.post(`${name}/test`)
        return answer.status === 200 && /^"Bearer (.+)"$/.exec(await answer.text())?.[1]
      },
      { what: 'a token' }
    )
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ aud: ['https://model'], sub: `system:serviceaccount:${name}:default` })
    expect(gateway.process.output.stderr).not.toContain(token)
  })

  it('does not fill in variables of its environment, start processes, or send what is its own', async () => {
    await using namespace = await createNamespace()
    await using step = await startStep(({ headers }) => says(String(headers['x-path'])))
    const { name } = namespace
    await apply(name, 'text', { steps: [{ uri: step.url, headers: { 'x-path': '${PATH}' } }] })
    await apply(name, 'process', { steps: [{ run: { command: ['sh', '-c', 'exit'] } }] })
    await apply(name, 'own', { steps: [{ uri: step.url, headers: { 'x-path': { env: 'SLUICE_ADMIN_TOKEN' } } }] })
    await using gateway = await startClusterGateway(['--namespace', name])
    await answers(gateway, `${name}/text`, '${PATH}')
    await gateway.process.waitForLine(/needs an 'image': no process is started on Kubernetes/)
    await gateway.process.waitForLine(/is a variable of the gateway itself/)
    expect((await gateway.post(`${name}/process`)).status).toBe(404)
  })
})
