import { expect, it } from 'vitest'
import type { ApiClient } from '../../src/kubernetes/client/api-client.ts'
import { ApiFailure } from '../../src/kubernetes/client/api-failure.ts'
import type { EndpointSlice } from '../../src/kubernetes/source/endpoint-counts.ts'
import { ServiceEndpoints, type ServiceState } from '../../src/kubernetes/source/service-endpoints.ts'
import { waitFor } from '../helpers/wait-for.ts'

const ref = 'Service/models/mood-score'

/** The API server writes `null` where there are no endpoints. */
const slice = (name: string, ready: readonly boolean[] | null, more: object = {}): EndpointSlice => ({
  metadata: {
    name,
    namespace: 'models',
    labels: { 'kubernetes.io/service-name': 'mood-score', 'sluice.dev/pipeline': 'mood' }
  },
  endpoints: ready && ready.map(each => ({ conditions: { ready: each } })),
  ...more
})

/** An API server with these EndpointSlices, which says what `server.say` is told, until it is `away` or has a `refusal`. */
function following(items: readonly EndpointSlice[], refusal?: ApiFailure) {
  const states = new Map<string, ServiceState | undefined>()
  const faults: string[] = []
  const asked: string[] = []
  const server = {
    refusal,
    away: false,
    watched: 0,
    say: (_type: string, _object: EndpointSlice): void => {},
    cut: (): void => {}
  }
  const answer = async (path: string): Promise<unknown> => {
    asked.push(path)
    if (server.refusal !== undefined) throw server.refusal
    if (server.away) throw new Error('connect ECONNREFUSED')
    return { metadata: { resourceVersion: '1' }, items }
  }
  const client: ApiClient = {
    server: 'https://kube',
    namespace: 'default',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test knows what it answers
    call: <T>(_method: string, path: string) => answer(path) as Promise<T>,
    lines: async (_path, _query, _idleMs, signal) => {
      server.watched++
      if (server.refusal !== undefined) throw server.refusal
      if (server.away) throw new Error('connect ECONNREFUSED')
      return events(server, signal)
    },
    [Symbol.asyncDispose]: () => Promise.resolve()
  }
  const endpoints = new ServiceEndpoints({
    client,
    namespace: 'models',
    onState: (key, state) => states.set(key, state),
    onFault: reason => faults.push(reason)
  })
  return { endpoints, states, faults, asked, server, [Symbol.asyncDispose]: () => endpoints[Symbol.asyncDispose]() }
}

async function* events(
  server: { say: (type: string, object: EndpointSlice) => void; cut: () => void },
  signal: AbortSignal | undefined
): AsyncGenerator<string> {
  const said: string[] = []
  let next = Promise.withResolvers<void>()
  const ending = new AbortController()
  server.say = (type, object) => {
    said.push(JSON.stringify({ type, object: { ...object, metadata: { ...object.metadata, resourceVersion: '2' } } }))
    next.resolve()
  }
  server.cut = () => {
    ending.abort()
    next.resolve()
  }
  signal?.addEventListener('abort', server.cut)
  while (!ending.signal.aborted) {
    await next.promise
    next = Promise.withResolvers<void>()
    yield* said.splice(0)
  }
  throw new Error('the connection broke')
}

const forbidden = new ApiFailure('endpointslices.discovery.k8s.io is forbidden', {
  status: 403,
  reason: 'Forbidden',
  causes: [],
  retryAfterMs: undefined
})

it('tells of Services behind which nothing is ready, whose they are and why, and of those that have become ready', async () => {
  await using cluster = following([slice('a', null)])
  await cluster.endpoints.follow(true)
  expect(cluster.asked).toEqual(['/apis/discovery.k8s.io/v1/namespaces/models/endpointslices'])
  expect(Object.fromEntries(cluster.states)).toEqual({
    [ref]: { pipeline: 'models/mood', reason: 'no replica of it runs', isCurrent: true }
  })
  const reason = (): string | undefined => cluster.states.get(ref)?.reason
  await waitFor(
    () => {
      cluster.server.say('MODIFIED', slice('a', [false]))
      return reason() === 'its replica is not ready'
    },
    { what: 'the replica that starts' }
  )
  cluster.server.say('ADDED', slice('b', [false, false]))
  await waitFor(() => reason() === 'none of its 3 replicas is ready', { what: 'those of its second slice' })
  cluster.server.say('MODIFIED', slice('b', [false, true]))
  await waitFor(() => reason() === undefined, { what: 'the replica that is ready' })
  cluster.server.say('DELETED', slice('b', []))
  await waitFor(() => reason() === 'its replica is not ready', { what: 'the end of its second slice' })
  cluster.server.say('DELETED', slice('a', []))
  await waitFor(() => reason() === undefined, { what: 'the end of the Service' })
})

it('counts a replica of both families once, one that is being stopped never, and takes silence for ready', async () => {
  const stopping = { endpoints: [{ conditions: { ready: false, terminating: true } }] }
  const [six, known] = [{ addressType: 'IPv6' }, slice('c', null, { endpoints: [{}] })]
  await using cluster = following([slice('a', [false]), slice('b', [false], six)])
  await cluster.endpoints.follow(true)
  expect(cluster.states.get(ref)?.reason).toBe('its replica is not ready')
  await using ending = following([slice('a', null, stopping)])
  await ending.endpoints.follow(true)
  expect(ending.states.get(ref)?.reason).toBe('no replica of it runs')
  await using silent = following([known])
  await silent.endpoints.follow(true)
  expect(silent.states.get(ref)).toBeUndefined()
})

it('asks nobody while nothing is deployed, and forgets what it knew', async () => {
  await using cluster = following([slice('a', null)])
  await cluster.endpoints.follow(false)
  expect(cluster.asked).toEqual([])
  await cluster.endpoints.follow(true)
  await cluster.endpoints.follow(true)
  expect([cluster.asked.length, cluster.states.get(ref)?.isCurrent]).toEqual([1, true])
  await cluster.endpoints.follow(false)
  expect([...cluster.states]).toEqual([[ref, undefined]])
})

it('says that what it knows is old while the API server is away, and not any more when it is back', async () => {
  await using cluster = following([slice('a', null)])
  await cluster.endpoints.follow(true)
  cluster.server.away = true
  await waitFor(
    () => {
      cluster.server.cut()
      return cluster.states.get(ref)?.isCurrent === false
    },
    { what: 'the API server to be away' }
  )
  cluster.server.away = false
  await waitFor(() => cluster.states.get(ref)?.isCurrent === true, { what: 'it to be back' })
})

it('knows nothing without the right to read them, and says so', async () => {
  await using cluster = following([slice('a', null)], forbidden)
  await cluster.endpoints.follow(true)
  expect([...cluster.states]).toEqual([])
  expect(cluster.faults).toContain('endpointslices.discovery.k8s.io is forbidden')
})

it('knows nothing either when the right is taken while the API server is away', async () => {
  await using cluster = following([slice('a', null)])
  await using later = following([slice('a', null)])
  await Promise.all([cluster, later].map(({ endpoints }) => endpoints.follow(true)))
  const away = async ({ server }: typeof cluster): Promise<void> => {
    server.away = true
    const before = server.watched
    await waitFor(
      () => {
        server.cut()
        return server.watched > before
      },
      { what: 'the API server to be away' }
    )
  }
  await away(cluster)
  cluster.server.refusal = forbidden
  await waitFor(() => cluster.faults.length > 0, { what: 'the refusal' })
  await away(later)
  // The first one was away before this one, and would have said so by now.
  await waitFor(() => later.states.get(ref)?.isCurrent === false, { what: 'this one to be away for long' })
  expect([...cluster.states]).toEqual([[ref, undefined]])
})

/** An API server that starts refuses everybody for a moment. The watch goes on where it was, so that no list comes. */
it('knows again what it knew when a right is back, though nothing has changed', async () => {
  await using cluster = following([slice('a', null)])
  await cluster.endpoints.follow(true)
  const known = cluster.states.get(ref)
  expect(known).toBeDefined()
  cluster.server.refusal = forbidden
  await waitFor(
    () => {
      cluster.server.cut()
      return cluster.states.get(ref) === undefined
    },
    { what: 'the right to be missed' }
  )
  cluster.server.refusal = undefined
  await waitFor(() => cluster.states.get(ref) !== undefined, { what: 'the right to be back' })
  expect([cluster.states.get(ref), cluster.asked.length]).toEqual([known, 1])
})
