import { expect, it } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import { apiFailure } from '../../src/kubernetes/client/api-failure.ts'
import type { ApiClient, ApiRequest } from '../../src/kubernetes/client/api-client.ts'
import { AudienceTokens } from '../../src/kubernetes/source/audience-tokens.ts'
import { Addresses } from '../../src/kubernetes/cluster/addresses.ts'
import { ClusterSecrets } from '../../src/kubernetes/source/cluster-secrets.ts'

/** An API server that answers as `answer` does. */
const clientOf = (answer: (options: ApiRequest) => Promise<unknown>): ApiClient => ({
  server: 'https://kube',
  namespace: 'default',
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test knows what it answers
  call: <T>(_method: string, _path: string, options: ApiRequest = {}) => answer(options) as Promise<T>,
  lines: () => Promise.reject(new Error('nothing is watched')),
  [Symbol.asyncDispose]: () => Promise.resolve()
})

/** It never answers. */
const hangs = ({ signal }: ApiRequest): Promise<unknown> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('ended')), { once: true })
  })

it.each(['constructor', '__proto__', 'toString'])(
  'the key %s of a Secret is missing where nobody wrote it',
  async key => {
    await using secrets = new ClusterSecrets({
      client: clientOf(async () => ({ data: {} })),
      wanted: () => [],
      onChange: () => {}
    })
    secrets.read('default', 'model', key)
    await secrets.settled()
    expect(secrets.read('default', 'model', key)).toEqual({
      kind: 'missing',
      reason: `the Secret model has no key ${key}`
    })
  }
)

it('ends at once while the API server does not answer', async () => {
  const client = clientOf(hangs)
  const secrets = new ClusterSecrets({ client, wanted: () => [], onChange: () => {} })
  const tokens = new AudienceTokens({ client, wanted: () => [], onChange: () => {} })
  const addresses = new Addresses({ client, everywhere: true, onChange: () => {}, wanted: () => [] })
  secrets.read('default', 'model', 'key')
  tokens.read('default', 'https://model')
  addresses.why({ group: '', version: 'v1', kind: 'Service', namespace: 'default', name: 'a', address: '' })
  await Promise.all([secrets[Symbol.asyncDispose](), tokens[Symbol.asyncDispose](), addresses[Symbol.asyncDispose]()])
}, 5_000)

it('a token that is needed is renewed before it ends though nobody asks, and each change is told', async () => {
  let asked = 0
  const client = clientOf(() => {
    asked++
    const expirationTimestamp = new Date(Date.now() + 2_000).toISOString()
    return Promise.resolve({ status: { token: `token-${asked}`, expirationTimestamp } })
  })
  const audience = { namespace: 'default', audience: 'https://model' }
  const told: string[] = []
  await using tokens = new AudienceTokens({
    client,
    wanted: () => [audience],
    onChange: changed => told.push(changed.audience)
  })
  tokens.read(audience.namespace, audience.audience)
  await waitFor(() => asked >= 3, { what: 'two renewals' })
  await tokens.settled()
  expect(told.length).toBeGreaterThanOrEqual(3)
  expect(new Set(told)).toEqual(new Set(['https://model']))
})

it('a token that has ended is told, and is no token any more', async () => {
  let asked = 0
  const client = clientOf(() => {
    if (++asked > 1) return Promise.reject(new Error('it is away'))
    return Promise.resolve({
      status: { token: 'short', expirationTimestamp: new Date(Date.now() + 500).toISOString() }
    })
  })
  const told: unknown[] = []
  await using tokens: AudienceTokens = new AudienceTokens({
    client,
    wanted: () => [],
    onChange: ({ namespace, audience }) => told.push(tokens.read(namespace, audience))
  })
  tokens.read('default', 'https://model')
  await waitFor(() => told.length >= 2, { what: 'its end' })
  expect(told.at(-1)).toMatchObject({ kind: 'missing', reason: expect.stringContaining('no token for the audience') })
})

it('a Secret that is not there, then is, is told each time, and no more often', async () => {
  let isThere = true
  const gone = apiFailure(404, undefined, undefined)
  const client = clientOf(() => (isThere ? Promise.resolve({ data: { key: 'YQ==' } }) : Promise.reject(gone)))
  const told: unknown[] = []
  await using secrets: ClusterSecrets = new ClusterSecrets({
    client,
    wanted: () => [],
    onChange: (namespace, name) => told.push(secrets.read(namespace, name, 'key'))
  })
  isThere = false
  secrets.read('default', 'model', 'key')
  await secrets.settled()
  isThere = true
  await waitFor(() => told.length === 2, { what: 'the Secret' })
  expect(told).toEqual([
    { kind: 'missing', reason: 'there is no Secret model' },
    { kind: 'text', text: 'a' }
  ])
})
