import { expect, it } from 'vitest'
import { NeededProcesses } from '../../src/control/needed-processes.ts'
import { Reconciler, type ReconcilerDeps } from '../../src/control/reconciler.ts'
import { DefinitionChanges } from '../../src/control/definition-changes.ts'
import { Generations } from '../../src/control/generations.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import type { DefinitionSource, ReadFile } from '../../src/control/definition-source.ts'
import type { ProcessSpec } from '../../src/pipeline/process-spec.ts'
import type { RuntimeSpec } from '../../src/pipeline/runtime-spec.ts'
import { readSource } from '../../src/pipeline/validate/read-source.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ToldPlans, toldChanges, toldServed } from '../../src/control/told-served.ts'
import type { ToldChanges } from '../../src/control/served.ts'
import { aDefinition } from './apis.ts'

const count = 200

function fileOf(name: string, step: string | Record<string, unknown> = 'http://a'): ReadFile {
  const found = [...readSource({ file: name, text: JSON.stringify(aDefinition(name, [step])) }, undefined)]
  return { file: name, pipelines: found.flatMap(each => (each.kind === 'pipeline' ? [each.pipeline] : [])), faults: [] }
}

const sourceOf = (files: readonly ReadFile[]): DefinitionSource => ({
  name: 'files',
  shown: 'files',
  mustBeThere: false,
  read: () => Promise.resolve({ kind: 'read', files }),
  watch: () => {},
  [Symbol.dispose]: () => {}
})

const files = Array.from({ length: count }, (_, i) => fileOf(`p${i}`))

/** A reconciler that writes down each pipeline which it looks at. */
function startReconciler(changes: Partial<ReconcilerDeps> = {}) {
  const looked: string[] = []
  const reconciler: Reconciler = new Reconciler({
    sources: [sourceOf(files)],
    meaning: { resolve: new Map(), environment: {} },
    serve: () => Promise.resolve(),
    standing: () => Promise.resolve([]),
    needProcesses: () => {},
    surroundings: {
      healthOf: () => undefined,
      missingHeaders: ({ pipeline }) => {
        looked.push(pipeline)
        return []
      },
      durability: () => undefined,
      rolloutsOf: () => []
    },
    replica: 'r',
    log: silentLog,
    ...changes
  })
  return { reconciler, looked }
}

it('a change of one pipeline looks at that one, and at those that nest it', async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const { reconciler, looked } = startReconciler()
  await using _ = reconciler
  await reconciler.read()
  await reconciler.begin()
  await reconciler.storeOpened({ ledger, generations: new Generations({ ledger, unusedMs: 1_000 }) })
  const changes = new DefinitionChanges({ reconciler, openStore: () => Promise.resolve(), environment: {} })
  const put = async (name: string, step: string | Record<string, unknown>) => {
    looked.length = 0
    await changes.put(`default/${name}`, 'ServingPipeline', JSON.stringify(aDefinition(name, [step])), undefined)
    return new Set(looked)
  }
  await put('inner', 'http://b')
  await put('outer', { pipeline: 'inner' })
  await put('outermost', { pipeline: 'outer' })
  const others = (names: ReadonlySet<string>) => [...names].filter(name => name.startsWith('default/p'))
  for (const uri of ['http://b', 'http://c']) {
    const seen = await put('alone', uri)
    expect([seen.has('default/alone'), others(seen)]).toEqual([true, []])
  }
  const nesting = await put('inner', 'http://c')
  for (const name of ['inner', 'outer', 'outermost']) expect([...nesting]).toContain(`default/${name}`)
  // The one that was changed before may still be looked at.
  expect(others(nesting)).toEqual([])
  expect(reconciler.entries).toHaveLength(count + 4)
})

it('a change of one address has the worker told one pipeline, of which it makes the same plan', async () => {
  const refs = Array.from({ length: count }, (_, i) =>
    fileOf(`p${i}`, { ref: { apiVersion: 'v1', kind: 'Service', name: `model-${i}` }, uri: 'score' })
  )
  const addresses = new Map(refs.map((_, i) => [`Service/default/model-${i}`, `http://old-${i}/v1/`]))
  const told: ToldChanges[] = []
  const { reconciler } = startReconciler({
    sources: [sourceOf(refs)],
    meaning: { resolve: addresses, environment: {} },
    serve: async changes => void told.push(structuredClone(toldChanges(changes)))
  })
  await using _ = reconciler
  await reconciler.read()
  await reconciler.begin()
  expect(told.map(({ put }) => put.length)).toEqual([count])
  addresses.set('Service/default/model-7', 'http://new/v1/')
  reconciler.addressesChanged()
  await reconciler.reread()
  expect(told.slice(1).map(({ put }) => put.map(({ name }) => name))).toEqual([['p7']])
  const plans = new ToldPlans({ resolve: new Map(), environment: {} })
  const served = told.flatMap(changes => plans.read(changes).put)
  expect(served.at(-1)?.plan.flow).toMatchObject([{ destination: { url: 'http://new/v1/score' } }])
  expect(served[0]?.plan).toEqual(reconciler.servedOf('default/p0')?.plan)
})

it('an address that is gone is called on, by a worker that starts then too', async () => {
  const addresses = new Map([['Service/default/model', 'http://model']])
  const { reconciler } = startReconciler({
    sources: [sourceOf([fileOf('p', { ref: { apiVersion: 'v1', kind: 'Service', name: 'model' } })])],
    meaning: { resolve: addresses, environment: {} }
  })
  await using _ = reconciler
  await reconciler.read()
  await reconciler.begin()
  addresses.clear()
  reconciler.addressesChanged()
  await reconciler.reread()
  expect(reconciler.get('default/p')?.wanted?.plan.unresolved).toEqual(['Service/default/model'])
  const plans = new ToldPlans({ resolve: new Map(), environment: {} })
  const [served] = plans.read({ put: reconciler.served.map(toldServed), removed: [] }).put
  expect(served?.plan.flow).toMatchObject([{ destination: { url: 'http://model' } }])
})

it('a change of a local process looks at those that may run it', async () => {
  const { reconciler, looked } = startReconciler()
  await using _ = reconciler
  await reconciler.read()
  await reconciler.begin()
  looked.length = 0
  reconciler.processChanged('another')
  await reconciler.reread()
  expect(looked).toEqual([])
})

it('pipelines are numbered again after growing delays while the store is away, and soon when it is back', async () => {
  let asked = 0
  let isAway = true
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const numbers = new Generations({ ledger, unusedMs: 1_000 })
  const generations = {
    number: (plans: Parameters<Generations['number']>[0]) => {
      asked++
      return isAway ? Promise.reject(new Error('it is away')) : numbers.number(plans)
    }
  } as Generations
  const { reconciler } = startReconciler()
  await using _ = reconciler
  await reconciler.read()
  // At the first numbering the store is there no more.
  await reconciler.storeOpened({ ledger, generations }).catch(() => {})
  await waitFor(() => asked >= 3, { what: 'three tries' })
  expect(reconciler.get('default/p0')?.storeFault).toBe('it is away')
  isAway = false
  await waitFor(() => reconciler.get('default/p0')?.wanted !== undefined, { what: 'its number' })
  expect(reconciler.entries.every(({ storeFault }) => storeFault === undefined)).toBe(true)
})

const aSpec = (key: string): ProcessSpec => ({
  key,
  step: `default/${key}/s`,
  command: ['true'],
  cwd: '/',
  env: {},
  readinessPath: undefined,
  readinessTimeoutMs: 1_000,
  scaling: { min: 0, max: 1, target: 8, concurrency: 8, idleMs: 1_000, schedule: [], predictive: false }
})

it('what owners need is applied once a turn, only where it has changed, and with the same objects where it has not', async () => {
  const applied: (readonly RuntimeSpec[])[] = []
  const needed = new NeededProcesses(specs => applied.push(specs))
  const processes = ['a', 'b'].map(key => [{ spec: aSpec(key), proves: false }])
  const say = () => processes.forEach(each => needed.set(`default/${each[0]?.spec.key}`, [...each]))
  say()
  await Promise.resolve()
  say()
  await Promise.resolve()
  expect(applied).toHaveLength(1)
  needed.set('default/b', [{ spec: aSpec('b'), proves: true }])
  await Promise.resolve()
  expect(applied).toHaveLength(2)
  expect(applied[1]?.[0]).toBe(applied[0]?.[0])
  expect(applied[1]?.[1]).toMatchObject({ key: 'b', proves: true })
})
