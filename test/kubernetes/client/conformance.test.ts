import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ApiFailure, failureText } from '../../../src/kubernetes/client/api-failure.ts'
import type { ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { apply, conflictsOf } from '../../../src/kubernetes/client/apply.ts'
import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { createApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { Leadership } from '../../../src/kubernetes/client/leadership.ts'
import { listPages } from '../../../src/kubernetes/client/list-pages.ts'
import { Mirror } from '../../../src/kubernetes/client/mirror.ts'
import type { KubernetesObject } from '../../../src/kubernetes/client/object.ts'
import { requestToken } from '../../../src/kubernetes/client/request-token.ts'
import { collectionPath, objectPath, type Resource } from '../../../src/kubernetes/client/resource.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { clientOf, createNamespace, kubectlOk } from '../testbed/cluster.ts'
import { kubeconfigText, nobodyToken, startControlPlane } from '../testbed/control-plane.ts'

const maps: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' }

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
}

const map = (namespace: string, name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data
})

let client: ApiClient
let namespace: Awaited<ReturnType<typeof createNamespace>>

beforeAll(async () => {
  client = clientOf()
  namespace = await createNamespace()
})

afterAll(async () => {
  await namespace[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
})

const create = (of: ApiClient, object: ConfigMap): Promise<ConfigMap> =>
  of.call('POST', collectionPath(maps, object.metadata.namespace), { body: object })

describe('access', () => {
  it.each([
    ['a certificate', { 'client-certificate': 'person.crt', 'client-key': 'person.key' }],
    ['a file with a token', { tokenFile: 'token' }],
    [
      'a program',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'echo',
          args: [JSON.stringify({ kind: 'ExecCredential', status: { token: 'admin-token' } })]
        }
      }
    ],
    [
      'a program with variables of its own',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sh',
          args: ['-c', `echo "{\\"status\\": {\\"token\\": \\"$KUBE_TOKEN\\"}}"`],
          env: [{ name: 'KUBE_TOKEN', value: 'admin-token' }]
        }
      }
    ]
  ])('by %s', async (_, user) => {
    const { url, folder } = inject('cluster')
    await using temp = await createTempFolder()
    await temp.write('token', 'admin-token\n')
    for (const file of ['ca.crt', 'person.crt', 'person.key']) {
      await temp.write(file, await import('node:fs/promises').then(fs => fs.readFile(`${folder}/${file}`)))
    }
    const file = await temp.write('config', kubeconfigText(url, user))
    await using own = createApiClient(findCluster(undefined, { KUBECONFIG: file }))
    const { metadata } = await own.call<KubernetesObject>('GET', '/api/v1/namespaces/default')
    expect(metadata.name).toBe('default')
  })

  it('reads a token again when its file has changed', async () => {
    await using temp = await createTempFolder()
    const { url, ca } = inject('cluster')
    await temp.write('ca.crt', ca)
    await temp.write('token', nobodyToken)
    const file = await temp.write('config', kubeconfigText(url, { tokenFile: 'token' }))
    await using own = createApiClient(findCluster(file, {}))
    const get = () => own.call<KubernetesObject>('GET', '/api/v1/namespaces/default')
    await expect(get()).rejects.toThrow(
      'namespaces "default" is forbidden: User "nobody" cannot get resource "namespaces"'
    )
    await temp.write('token', 'admin-token')
    await waitFor(get, { what: 'the new token to be used' })
  })

  it('says what is wrong with the certificate, and where nobody listens', async () => {
    await using temp = await createTempFolder()
    const { url } = inject('cluster')
    const file = await temp.write(
      'config',
      kubeconfigText(url, { token: 'a' }).replace('"certificate-authority":"ca.crt"', '"tls-server-name":"localhost"')
    )
    await using own = createApiClient(findCluster(file, {}))
    const fault = await own.call('GET', '/version').catch((thrown: unknown) => failureText(thrown))
    expect(fault).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/)
    const nowhere = await temp.write(
      'nowhere',
      kubeconfigText('https://127.0.0.1:1', { token: 'a' }).replace(',"certificate-authority":"ca.crt"', '')
    )
    await using other = createApiClient(findCluster(nowhere, {}))
    expect(await other.call('GET', '/version').catch((thrown: unknown) => failureText(thrown))).toMatch(/ECONNREFUSED/)
  })
})

describe('lists and watches', () => {
  it('lists page by page', async () => {
    const own = await createNamespace()
    await using _ = own
    await Promise.all(Array.from({ length: 520 }, (_each, i) => create(client, map(own.name, `page-${i}`))))
    let calls = 0
    const counting: ApiClient = { ...client, call: (...args) => (calls++, client.call(...args)) }
    const { items } = await listPages(
      counting,
      collectionPath(maps, own.name),
      {},
      (object: ConfigMap) => object.metadata.name
    )
    expect(items.filter(name => name.startsWith('page-'))).toHaveLength(520)
    expect(calls).toBe(2)
  })

  it('mirrors what is there, changes and goes', async () => {
    await create(client, map(namespace.name, 'mirrored', { a: '1' }))
    await using mirror = new Mirror<ConfigMap, string>(client, {
      path: collectionPath(maps, namespace.name),
      project: ({ data }) => data?.['a'] ?? ''
    })
    await mirror.listed
    const key = `${namespace.name}/mirrored`
    expect(mirror.get(key)).toBe('1')
    await apply(client, maps, map(namespace.name, 'mirrored', { a: '2' }), { manager: 'test', force: true })
    await waitFor(() => mirror.get(key) === '2', { what: 'the change' })
    await client.call('DELETE', objectPath(maps, { namespace: namespace.name, name: 'mirrored' }))
    await waitFor(() => mirror.get(key) === undefined, { what: 'the end' })
  })

  it('goes on where it was after kill -9 of the API server, a compaction, and silence', async () => {
    await using plane = await startControlPlane(inject('programs').kube)
    await using own = clientOf(plane.kubeconfig)
    const lists: number[] = []
    const away: string[] = []
    await using mirror = new Mirror<ConfigMap, string>(own, {
      path: collectionPath(maps, 'default'),
      project: ({ data }) => data?.['a'] ?? '',
      onList: () => lists.push(Date.now()),
      onAway: cause => away.push(failureText(cause))
    })
    await mirror.listed
    await create(own, map('default', 'one', { a: '1' }))
    await waitFor(() => mirror.get('default/one'), { what: 'the first one' })
    await plane.killApiServer()
    await waitFor(() => away.length > 0, { what: 'the end to be seen' })
    await plane.compact()
    await plane.startApiServer()
    const startedAt = performance.now()
    await create(own, map('default', 'two', { a: '2' }))
    await waitFor(() => mirror.get('default/two'), { what: 'the second one' })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect([mirror.get('default/one'), mirror.away]).toEqual(['1', undefined])
  })
})

describe('server-side apply', () => {
  it('owns its fields, and reports a conflict with their owner', async () => {
    await apply(client, maps, map(namespace.name, 'owned', { a: '1' }), { manager: 'first' })
    await apply(client, maps, map(namespace.name, 'owned', { b: '2' }), { manager: 'second' })
    const thrown: unknown = await apply(client, maps, map(namespace.name, 'owned', { a: '9' }), {
      manager: 'second'
    }).catch((cause: unknown) => cause)
    expect(thrown).toBeInstanceOf(ApiFailure)
    expect(conflictsOf(thrown)).toEqual(['.data.a: conflict with "first"'])
    const { data } = await client.call<ConfigMap>('GET', objectPath(maps, { namespace: namespace.name, name: 'owned' }))
    expect(data).toEqual({ a: '1', b: '2' })
  })
})

describe('tokens', () => {
  it('are for the audience that was asked for', async () => {
    const account = { namespace: namespace.name, name: 'default' }
    const asked = await waitFor(() => requestToken(client, account, 'https://model'), { what: 'the service account' })
    const claims = JSON.parse(Buffer.from(asked.token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ aud: ['https://model'], sub: `system:serviceaccount:${namespace.name}:default` })
    expect(asked.expiresAt).toBeGreaterThan(Date.now() + 1_000_000)
  })
})

describe('leadership', () => {
  const times = { durationSeconds: 2, renewDeadlineMs: 1_500, retryMs: 100 }

  function contend(identity: string, leaders: string[], of: ApiClient = client): Leadership {
    return new Leadership(of, {
      namespace: namespace.name,
      name: 'election',
      identity,
      times,
      onLead: () => leaders.push(identity),
      onLost: () => leaders.push(`${identity} lost`),
      onFault: () => {}
    })
  }

  it('is with one at a time, goes on when it is given back, and when its holder is gone', async () => {
    const leaders: string[] = []
    const first = contend('first', leaders)
    await waitFor(() => first.leads, { what: 'a leader' })
    await using own = clientOf()
    const second = contend('second', leaders, own)
    const third = contend('third', leaders)
    await first[Symbol.asyncDispose]()
    expect(first.leads).toBe(false)
    await waitFor(() => second.leads || third.leads, { what: 'the next leader' })
    expect([second.leads, third.leads]).toContain(false)
    const [gone, left] = second.leads ? [second, third] : [third, second]
    expect(leaders).toHaveLength(2)
    await Promise.all([gone[Symbol.asyncDispose](), left[Symbol.asyncDispose]()])
    const { spec } = JSON.parse(await kubectlOk(['get', '-n', namespace.name, 'lease', 'election', '-o', 'json']))
    expect(spec.holderIdentity ?? '').toBe('')
  })

  it('ends where it cannot be renewed, before another one may take it', async () => {
    await using plane = await startControlPlane(inject('programs').kube)
    await using own = clientOf(plane.kubeconfig)
    const told: string[] = []
    await using leadership = new Leadership(own, {
      namespace: 'default',
      name: 'election',
      identity: 'only',
      times,
      onLead: () => told.push('leads'),
      onLost: reason => told.push(reason),
      onFault: () => {}
    })
    await waitFor(() => leadership.leads, { what: 'to lead' })
    await plane.killApiServer()
    await waitFor(() => told.length === 2, { what: 'to lose' })
    expect(told).toEqual(['leads', 'it could not renew its Lease in time'])
  })
})
