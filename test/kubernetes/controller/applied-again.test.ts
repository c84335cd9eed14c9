import { expect, it } from 'vitest'
import { Children } from '../../../src/kubernetes/controller/children.ts'
import type { Child } from '../../../src/kubernetes/controller/child.ts'
import { objectPath } from '../../../src/kubernetes/client/resource.ts'
import { resources } from '../../../src/kubernetes/resources.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { clientOf, createNamespace } from '../testbed/cluster.ts'

it('a Service that somebody has removed comes back after a while', async () => {
  await using client = clientOf()
  await using namespace = await createNamespace()
  const at = { namespace: namespace.name, name: 'test-model' }
  await using children = new Children({
    client,
    namespace: namespace.name,
    scaling: { by: 'autoscaler' },
    mayWrite: () => true,
    onChange: () => {},
    onAway: () => {},
    againMs: 500
  })
  await children.listed
  const object = { apiVersion: 'v1', kind: 'Service', metadata: at, spec: { ports: [{ port: 80 }] } }
  const service: Child = { resource: resources.services, object }
  const make = () => children.make({ name: 'test', namespace: namespace.name, uid: 'none' }, [service])
  const isThere = () =>
    client.call('GET', objectPath(resources.services, at)).then(
      () => true,
      () => false
    )
  expect(await make()).toEqual([])
  expect(await isThere()).toBe(true)
  await client.call('DELETE', objectPath(resources.services, at))
  await waitFor(async () => (await make()).length === 0 && (await isThere()), { what: 'the Service' })
})
