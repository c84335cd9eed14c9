import { expect, it } from 'vitest'
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
