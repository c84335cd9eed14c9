import { expect, it } from 'vitest'
import { movedPlan, neededBy, planLookedUp, type LookUp } from '../../src/control/look-up.ts'
import type { ClusterSource } from '../../src/pipeline/cluster-source.ts'
import type { Plan } from '../../src/pipeline/plan.ts'

const meaning = { resolve: { get: () => undefined, hasTokens: true }, environment: undefined }

const told = (
  steps: NonNullable<Plan['definition']['spec']['steps']>
): Pick<Plan, 'namespace' | 'name' | 'definition'> => ({
  namespace: 'default',
  name: 'test',
  definition: { spec: { steps }, baseDir: '/' }
})

const model = { apiVersion: 'v1', kind: 'Service', name: 'model' }
const key = ' v1 Service default model '

const knows =
  (addresses: ReadonlyMap<string, string>): LookUp =>
  ({ refs }) =>
    Promise.resolve(new Map([...addresses].filter(([ref]) => refs.includes(ref))))

it('a definition needs its refs, and the values of headers also of destinations that have no address yet', () => {
  const headers = { authorization: { secretKeyRef: { name: 'key', key: 'token' } } }
  const needed = neededBy(
    told([
      { ref: model, headers },
      { ref: model, audience: 'https://model' }
    ]),
    meaning
  )
  expect(needed.refs).toContain(key)
  expect(needed.values).toEqual([
    { kind: 'secretKeyRef', namespace: 'default', secret: 'key', key: 'token', prefix: '' },
    { kind: 'token', namespace: 'default', audience: 'https://model' }
  ] satisfies ClusterSource[])
})

it('a plan is made again where an address has changed, and not where it is gone', async () => {
  const definition = told([{ ref: model }])
  const plan = await planLookedUp(definition, meaning, knows(new Map([[key, 'http://one']])))
  expect(plan.unresolved).toEqual([])
  expect(await movedPlan(plan, meaning, knows(new Map([[key, 'http://one']])))).toBeUndefined()
  expect(await movedPlan(plan, meaning, knows(new Map()))).toBeUndefined()
  const moved = await movedPlan(plan, meaning, knows(new Map([[key, 'http://two']])))
  expect(moved?.flow).toMatchObject([{ destination: { url: 'http://two' } }])
})

it('nothing is looked up again for a plan without refs', async () => {
  const plan = await planLookedUp(told([{ uri: 'http://a' }]), meaning, knows(new Map()))
  expect(await movedPlan(plan, meaning, () => expect.unreachable('it has no refs'))).toBeUndefined()
})
