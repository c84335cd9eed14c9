import { expect, it } from 'vitest'
import type { ApiClient } from '../../src/kubernetes/client/api-client.ts'
import type { KubernetesObject } from '../../src/kubernetes/client/object.ts'
import { AppliedChildren } from '../../src/kubernetes/controller/applied-children.ts'
import { childKey, type Child } from '../../src/kubernetes/controller/child.ts'
import { resources } from '../../src/kubernetes/resources.ts'

/** An API server that has nothing yet, and takes everything; `asked`: what it was asked. */
function emptyServer(asked: string[]): ApiClient {
  const answer = (method: string, path: string): unknown => {
    asked.push(`${method} ${path.split('/').at(-1) ?? ''}`)
    return method === 'GET' ? { metadata: { resourceVersion: '1' }, items: [] } : { metadata: { uid: 'made' } }
  }
  return {
    server: 'https://kube',
    namespace: 'default',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test knows what it answers
    call: <T>(method: string, path: string) => Promise.resolve(answer(method, path) as T),
    lines: () => Promise.reject(new Error('nothing is watched')),
    [Symbol.asyncDispose]: () => Promise.resolve()
  }
}

const parent = { name: 'mood', namespace: 'models', uid: '1' }
const serviceCalled = (name: string): Child => {
  const object: KubernetesObject = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'models' } }
  return { resource: resources.services, object }
}
const keyOf = ({ resource, object }: Child): string => childKey(resource, object)

it('applies nothing twice, and forgets what its pipeline does not have any more', async () => {
  const asked: string[] = []
  const applied = new AppliedChildren({ client: emptyServer(asked), mayWrite: () => true })
  const [first, second] = [serviceCalled('first'), serviceCalled('second')]
  const all = ['GET services', 'PATCH first', 'GET services', 'PATCH second']
  await applied.make(parent, [first, second])
  expect(asked.splice(0)).toEqual(all)
  await applied.make(parent, [first, second])
  expect(asked.splice(0)).toEqual([])

  applied.keepOnly('of another pipeline', [])
  await applied.make(parent, [first, second])
  expect(asked.splice(0)).toEqual([])

  applied.keepOnly(parent.uid, [keyOf(first)])
  await applied.make(parent, [first, second])
  expect(asked.splice(0)).toEqual(['GET services', 'PATCH second'])

  applied.keepOnly(parent.uid, [])
  await applied.make(parent, [first, second])
  expect(asked.splice(0)).toEqual(all)
})
