import { expect, it } from 'vitest'
import type { ClusterSource } from '../../src/pipeline/cluster-source.ts'
import type { SecretReading } from '../../src/secrets/secrets.ts'
import { SharedValues } from '../../src/workers/shared-values.ts'
import type { ToldValues } from '../../src/workers/told-values.ts'
import { WorkerValues } from '../../src/workers/worker-values.ts'

const secret = (name: string, key = 'token'): ClusterSource => ({
  kind: 'secretKeyRef',
  namespace: 'default',
  secret: name,
  key,
  prefix: ''
})

const token: ClusterSource = { kind: 'token', namespace: 'default', audience: 'https://model' }

const text = (value: string): SecretReading => ({ kind: 'text', text: value })
const beingRead: SecretReading = { kind: 'missing', reason: 'it is being read' }

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A primary and a worker, whose messages come when the test lets them. */
function connected(wanted: () => readonly ClusterSource[] = () => []) {
  const cluster = new Map<string, SecretReading>()
  const nameOf = (source: ClusterSource): string => (source.kind === 'token' ? source.audience : source.secret)
  let asked = 0
  let agreed = 0
  const shared = new SharedValues({
    read: source => {
      asked++
      return cluster.get(nameOf(source)) ?? beingRead
    },
    wanted,
    onAgreed: () => void agreed++
  })
  const underWay: { readonly values: ToldValues; readonly arrived: () => void }[] = []
  shared.connect(values => new Promise<void>(resolve => underWay.push({ values, arrived: resolve })))
  const worker = new WorkerValues(source => void shared.need([source]))
  return {
    shared,
    worker,
    get asked() {
      return asked
    },
    get agreed() {
      return agreed
    },
    /** The keys of each message that is under way. */
    get told() {
      return underWay.map(({ values }) => values.size)
    },
    set(name: string, reading: SecretReading) {
      cluster.set(name, reading)
      shared.changed(source => nameOf(source) === name)
    },
    async arrive() {
      await turn()
      for (const { values, arrived } of underWay.splice(0)) {
        worker.receive(values)
        arrived()
      }
      await turn()
    },
    [Symbol.dispose]: () => shared[Symbol.dispose]()
  }
}

it('a worker has the values of what it serves, and each change, without asking', async () => {
  using scene = connected()
  const { shared, worker } = scene
  scene.set('model', text('one'))
  void shared.need([secret('model'), token])
  await scene.arrive()
  expect([worker.read(secret('model')), worker.read(token)]).toEqual([text('one'), beingRead])
  scene.set('model', text('two'))
  scene.set('https://model', text('jwt'))
  await scene.arrive()
  expect([worker.read(secret('model')), worker.read(token)]).toEqual([text('two'), text('jwt')])
})

it('the primary has a new value when all workers have it', async () => {
  using scene = connected()
  const { shared } = scene
  scene.set('model', text('one'))
  expect(shared.read(secret('model'))).toMatchObject({ kind: 'missing' })
  await turn()
  expect(shared.read(secret('model'))).toMatchObject({ kind: 'missing' })
  await scene.arrive()
  expect(shared.read(secret('model'))).toEqual(text('one'))
  const before = scene.agreed
  scene.set('model', text('two'))
  expect(shared.read(secret('model'))).toEqual(text('one'))
  await turn()
  expect(scene.agreed).toBe(before)
  await scene.arrive()
  expect(shared.read(secret('model'))).toEqual(text('two'))
  expect(scene.agreed).toBe(before + 1)
})

it('the change of one of a thousand tells one, and what is the same is not told again', async () => {
  using scene = connected()
  const { shared } = scene
  void shared.need(Array.from({ length: 1_000 }, (_, i) => secret(`model-${i}`)))
  await scene.arrive()
  scene.set('model-7', text('new'))
  await turn()
  expect(scene.told).toEqual([1])
  await scene.arrive()
  scene.set('model-7', text('new'))
  await shared.need([secret('model-7')])
  await turn()
  expect(scene.told).toEqual([])
})

it('many changes in one turn are one message', async () => {
  using scene = connected()
  void scene.shared.need([secret('a'), secret('b')])
  await scene.arrive()
  scene.set('a', text('1'))
  scene.set('b', text('2'))
  scene.set('a', text('3'))
  await turn()
  expect(scene.told).toEqual([2])
  await scene.arrive()
  expect([scene.worker.read(secret('a')), scene.worker.read(secret('b'))]).toEqual([text('3'), text('2')])
})

it('whatever all workers share is asked for once', async () => {
  using scene = connected()
  scene.set('model', text('one'))
  for (let i = 0; i < 10; i++) void scene.shared.need([secret('model')])
  expect([...scene.shared.all([secret('model')]).values()]).toEqual([text('one')])
  expect(scene.asked).toBe(1)
})

it('a worker that starts gets all that there is, and what it will serve', () => {
  using scene = connected()
  scene.set('a', text('1'))
  scene.set('b', text('2'))
  void scene.shared.need([secret('a')])
  const worker = new WorkerValues(() => expect.unreachable('nothing is asked for'))
  worker.receive(scene.shared.all([secret('b')]))
  expect([worker.read(secret('a')), worker.read(secret('b'))]).toEqual([text('1'), text('2')])
})

it('a value that nobody needs any more is forgotten, but for a worker that has used it of late', async () => {
  using scene = connected(() => [secret('kept')])
  const { shared, worker } = scene
  for (const name of ['kept', 'left', 'used']) scene.set(name, text(name))
  void shared.need([secret('kept'), secret('left'), secret('used')])
  await scene.arrive()
  worker.read(secret('used'))
  shared.forget(performance.now() + 1_000)
  expect([...shared.all([]).values()]).toEqual([text('kept')])
  await scene.arrive()
  await scene.arrive()
  expect([...shared.all([]).values()]).toEqual([text('kept'), text('used')])
  expect(worker.read(secret('used'))).toEqual(text('used'))
  expect(worker.read(secret('left'))).toMatchObject({ kind: 'missing' })
})

it('a worker asks for a value that it was not told, once', async () => {
  using scene = connected()
  scene.set('model', text('one'))
  expect(scene.worker.read(secret('model'))).toMatchObject({ kind: 'missing' })
  scene.worker.read(secret('model'))
  await scene.arrive()
  expect(scene.worker.read(secret('model'))).toEqual(text('one'))
  expect(scene.asked).toBe(1)
})

it('two keys of a Secret, and a token for an audience that is called like one, are three values', async () => {
  using scene = connected()
  scene.set('model', text('secret'))
  scene.set('https://model', text('jwt'))
  void scene.shared.need([secret('model', 'a'), secret('model', 'b'), token])
  expect(scene.shared.all([]).size).toBe(3)
})
