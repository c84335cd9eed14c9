import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import type { KubernetesObject, ObjectMeta } from '../../../src/kubernetes/client/object.ts'
import { collectionPath, objectPath, type Resource } from '../../../src/kubernetes/client/resource.ts'
import type { Child } from '../../../src/kubernetes/controller/child.ts'
import { Children } from '../../../src/kubernetes/controller/children.ts'
import { desiredChildren } from '../../../src/kubernetes/controller/desired-children.ts'
import type { Scaling } from '../../../src/kubernetes/controller/scaling.ts'
import { resources } from '../../../src/kubernetes/resources.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { clientOf, createNamespace } from '../testbed/cluster.ts'
import { startControlPlane, type ControlPlane } from '../testbed/control-plane.ts'
import { installScaledObjects } from '../testbed/scaled-objects.ts'
import { installKnativeKinds } from './pretend-knative.ts'

/* A control plane of its own: one without a garbage collector, which would remove what has lost its owner. */

let plane: ControlPlane
let client: ApiClient
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = opened.use(await startControlPlane(inject('programs').kube))
  client = opened.use(clientOf(plane.kubeconfig))
})

afterAll(() => opened.disposeAsync())

const scaling = { by: 'autoscaler' } as const

async function open(
  namespace: string,
  from: Partial<ApiClient> = {},
  more: { readonly againMs?: number; readonly scaling?: Scaling } = {}
): Promise<Children> {
  const children = new Children({
    client: { ...client, ...from },
    namespace,
    scaling,
    mayWrite: () => true,
    onChange: () => {},
    onAway: () => {},
    ...more
  })
  await children.listed
  return children
}

const wantedOf = (metadata: ObjectMeta, kind = 'ServingPipeline', image = 'model:1'): readonly Child[] =>
  desiredChildren(
    { kind, metadata, spec: { steps: [{ name: 'sentiment', run: { image, min: 1, max: 2 } }] } },
    { desiredPhase: 'Running', scaling, served: new Set() }
  )

const mood = (namespace: string, uid: string) => ({ name: 'mood', namespace, uid, generation: 1 })
const kinds = [resources.deployments, resources.services, resources.autoscalers]

const read = (namespace: string): Promise<readonly KubernetesObject[]> =>
  Promise.all(
    kinds.map(kind => client.call<KubernetesObject>('GET', objectPath(kind, { namespace, name: 'mood-sentiment' })))
  )

const uidsOf = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.uid)
const ownersOf = (objects: readonly KubernetesObject[]) =>
  objects.map(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid))

it.each(['ServingPipeline', 'Pipeline'])('takes up what a %s of this name had', async kind => {
  await using namespace = await createNamespace(plane.kubeconfig)
  const { name } = namespace
  const [before, after] = [mood(name, 'before'), mood(name, 'after')]
  await using children = await open(name)
  expect(await children.make(before, wantedOf(before, kind))).toEqual([])
  const made = await read(name)
  expect(await children.make(after, wantedOf(after))).toEqual([])
  const now = await read(name)
  expect(uidsOf(now)).toEqual(uidsOf(made))
  expect(ownersOf(now)).toEqual(kinds.map(() => ['after']))
})

it('takes up what a backup has brought back, with an owner that another manager has set', async () => {
  await using namespace = await createNamespace(plane.kubeconfig)
  const { name } = namespace
  const [before, after] = [mood(name, 'before'), mood(name, 'after')]
  for (const { resource, object } of wantedOf(before)) {
    await client.call('POST', collectionPath(resource, name), { query: { fieldManager: 'restore' }, body: object })
  }
  const restored = await read(name)
  await using children = await open(name)
  expect(await children.make(after, wantedOf(after))).toEqual([])
  const now = await read(name)
  expect(uidsOf(now)).toEqual(uidsOf(restored))
  expect(ownersOf(now)).toEqual(kinds.map(() => ['after']))
})

it.each([
  ['that differs', { selector: { app: 'mine' } }],
  ['that can be merged', {}]
])('leaves as it is what somebody has made between the look and the apply, %s', async (_, own) => {
  await using namespace = await createNamespace(plane.kubeconfig)
  const { name } = namespace
  const at = { namespace: name, name: 'mood-sentiment' }
  const body = {
    metadata: { ...at, labels: { mine: 'yes' } },
    spec: { ...own, ports: [{ name: 'web', port: 8080 }] }
  }
  let theirs: KubernetesObject | undefined
  await using children = await open(name, {
    async call<T>(...[method, path, options]: Parameters<ApiClient['call']>): Promise<T> {
      if (method === 'PATCH' && path === objectPath(resources.services, at) && theirs === undefined) {
        theirs = await client.call('POST', collectionPath(resources.services, name), { body })
      }
      return client.call<T>(method, path, options)
    }
  })
  const parent = mood(name, 'one')
  const refused = await children.make(
    parent,
    wantedOf(parent).filter(({ resource }) => resource === resources.services)
  )
  expect(refused).toEqual([
    {
      isConflict: false,
      isNameTaken: true,
      text:
        'the Service mood-sentiment was not made by Sluice, and stays as it is: rename this pipeline or its step, ' +
        'or remove that Service'
    }
  ])
  const bare = ({ metadata, ...rest }: KubernetesObject) => {
    const { labels, annotations, ownerReferences, uid } = metadata
    return { ...rest, metadata: { labels, annotations, ownerReferences, uid } }
  }
  const now: KubernetesObject = await client.call('GET', objectPath(resources.services, at))
  expect(bare(now)).toEqual(bare(theirs as unknown as KubernetesObject))
})

it('looks once for each, and again only when somebody has taken its place', async () => {
  await using namespace = await createNamespace(plane.kubeconfig)
  const { name } = namespace
  const at = { namespace: name, name: 'mood-sentiment' }
  let looks = 0
  await using children = await open(
    name,
    {
      call<T>(...[method, path, options]: Parameters<ApiClient['call']>): Promise<T> {
        if (options?.query?.['fieldSelector'] !== undefined) looks += 1
        return client.call<T>(method, path, options)
      }
    },
    { againMs: 0 }
  )
  const parent = mood(name, 'one')
  const make = (image: string) => children.make(parent, wantedOf(parent, 'ServingPipeline', image))
  for (const image of ['model:1', 'model:2', 'model:3']) expect(await make(image)).toEqual([])
  expect(looks).toBe(kinds.length)
  await client.call('DELETE', objectPath(resources.services, at))
  expect(await make('model:3')).toEqual([])
  expect(looks).toBe(kinds.length + 1)
  await client.call('DELETE', objectPath(resources.services, at))
  const body = { metadata: at, spec: { ports: [{ port: 8080 }] } }
  await client.call('POST', collectionPath(resources.services, name), { body })
  expect(await make('model:3')).toMatchObject([
    { isNameTaken: true, text: expect.stringMatching(/^the Service mood-sentiment was not made/) }
  ])
  await client.call('DELETE', objectPath(resources.services, at))
  await waitFor(async () => (await make('model:3')).length === 0, { what: 'the Service' })
})

const scaled = { scaleTargetRef: { name: 'theirs' }, triggers: [{ type: 'cron', metadata: { end: '0 8 * * *' } }] }
const pod = {
  selector: { matchLabels: { app: 'theirs' } },
  template: { metadata: { labels: { app: 'theirs' } }, spec: { containers: [{ name: 'theirs', image: 'theirs:1' }] } }
}

/* The last ones, since the control plane has more kinds afterwards. */
describe.each<[string, Scaling, Resource, unknown]>([
  ['an autoscaler', scaling, resources.deployments, pod],
  ['KEDA', { by: 'keda', prometheusUrl: 'http://prometheus' }, resources.scaledObjects, scaled],
  ['Knative', { by: 'knative' }, resources.knativeServices, { template: {} }]
])('with %s', (_, by, resource, theirs) => {
  it.each(['step', 'canary'])('leaves what has the name of a %s, and makes nothing else by that name', async which => {
    await installScaledObjects({ kubeconfig: plane.kubeconfig })
    await installKnativeKinds(plane.kubeconfig)
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const parent = mood(name, 'one')
    const run = { image: 'model:1', min: 1, max: 2 }
    const traffic = [{ tag: 'next', percent: 5, run: { image: 'model:2' } }]
    const wanted = desiredChildren(
      { kind: 'ServingPipeline', metadata: parent, spec: { steps: [{ name: 'sentiment', run, traffic }] } },
      { desiredPhase: 'Running', scaling: by, served: new Set() }
    )
    const isCanary = (child: string): boolean => child.startsWith('mood-sentiment-next-')
    const child = wanted.find(
      each => each.resource === resource && isCanary(each.object.metadata.name) === (which === 'canary')
    )
    const metadata = { namespace: name, name: child?.object.metadata.name ?? '' }
    const { apiVersion, kind } = child?.object ?? {}
    const body = { apiVersion, kind, metadata, spec: theirs }
    const before = await client.call('POST', collectionPath(resource, name), { body })
    await using children = await open(name, {}, { scaling: by })
    expect(await children.make(parent, wanted)).toMatchObject([
      { isNameTaken: true, text: expect.stringContaining(`the ${kind} ${metadata.name} was not made by Sluice`) }
    ])
    expect(await client.call('GET', objectPath(resource, metadata))).toEqual(before)
    for (const { resource: each, object } of wanted) {
      const isMade = await client.call('GET', objectPath(each, { namespace: name, name: object.metadata.name })).then(
        () => true,
        () => false
      )
      const isTheirs = object.metadata.name === metadata.name
      expect(isMade, `${each.plural} ${object.metadata.name}`).toBe(isTheirs ? each === resource : true)
    }
  })
})
