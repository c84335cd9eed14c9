import { expect, it } from 'vitest'
import type { ApiClient } from '../../src/kubernetes/client/api-client.ts'
import { ApiFailure } from '../../src/kubernetes/client/api-failure.ts'
import { removeChildren } from '../../src/kubernetes/controller/remove-children.ts'
import type { Scaling } from '../../src/kubernetes/controller/scaling.ts'

const failure = (status: number, message: string): ApiFailure =>
  new ApiFailure(message, { status, reason: '', causes: [], retryAfterMs: undefined })

/** An API server that nobody may list ScaledObjects of, and that has nothing else; `kinds`: those of KEDA that it knows. */
function clientOf(kinds: readonly string[]): ApiClient {
  const answer = async (path: string): Promise<unknown> => {
    if (path.endsWith('/scaledobjects')) throw failure(403, 'scaledobjects.keda.sh is forbidden')
    if (path !== '/apis/keda.sh/v1alpha1') return { metadata: { resourceVersion: '1' }, items: [] }
    if (kinds.length === 0) throw failure(404, 'the server could not find it')
    return { resources: kinds.map(kind => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: true })) }
  }
  return {
    server: 'https://kube',
    namespace: 'default',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test knows what it answers
    call: <T>(_method: string, path: string) => answer(path) as Promise<T>,
    lines: () => Promise.reject(new Error('nothing is watched')),
    [Symbol.asyncDispose]: () => Promise.resolve()
  }
}

const refusalsOf = async (kinds: readonly string[], scaling: Scaling): Promise<readonly string[]> => {
  const deps = { client: clientOf(kinds), scaling, mayWrite: () => true }
  const refused = await removeChildren(deps, { name: 'test', namespace: 'models', uid: '1' }, () => false)
  return refused.map(({ text }) => text)
}

it('tells of ScaledObjects that it may not look for where they would scale beside an autoscaler', async () => {
  const refused = ['scaledobjects.keda.sh is forbidden']
  expect(await refusalsOf(['ScaledJob', 'ScaledObject'], { by: 'autoscaler' })).toEqual(refused)
  expect(await refusalsOf(['ScaledObject'], { by: 'keda', prometheusUrl: 'http://prometheus:9090' })).toEqual(refused)
})

it('needs no right to kinds that nobody knows, and that scale nothing here', async () => {
  expect(await refusalsOf([], { by: 'autoscaler' })).toEqual([])
  expect(await refusalsOf(['ScaledJob'], { by: 'autoscaler' })).toEqual([])
  expect(await refusalsOf(['ScaledObject'], { by: 'knative' })).toEqual([])
})
