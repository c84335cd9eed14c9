import { rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { formatFault } from '../../src/pipeline/fault.ts'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { audience, startIssuer, type Issuer } from '../helpers/issuer.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { aDefinition } from '../pipeline/a-definition.ts'

const tokens = `
# The shop, and those who look at it.
shop  shop-token
other other-token   # not let in
`

const access = {
  allow: [{ tokenName: 'shop' }, { subject: 'ann' }, { claim: 'groups', value: 'models' }, { claim: 'level', value: 3 }]
}

interface Route {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
  /** For those who may. */
  readonly status: number
}

const event = JSON.stringify([{ specversion: '1.0', id: '1', source: '/s', type: 't' }])

const routes: readonly Route[] = [
  { method: 'POST', path: '/default/test', body: '{}', status: 200 },
  { method: 'POST', path: '/default/test', headers: { accept: 'text/event-stream' }, body: '{}', status: 200 },
  { method: 'POST', path: '/default/test', headers: { prefer: 'respond-async' }, body: '{}', status: 202 },
  {
    method: 'POST',
    path: '/default/test',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: event,
    status: 202
  },
  { method: 'OPTIONS', path: '/default/test', status: 200 },
  { method: 'GET', path: '/default/test', status: 405 },
  { method: 'GET', path: '/default/test/requests/ID', status: 200 },
  { method: 'GET', path: '/default/test/requests/ID/reply', status: 200 },
  { method: 'GET', path: '/default/test/requests/ID/events', status: 200 },
  { method: 'GET', path: '/default/test/requests/unknown', status: 404 },
  { method: 'DELETE', path: '/default/test/requests/ID', status: 200 },
  { method: 'GET', path: '/v2/models/test/ready', status: 200 },
  { method: 'POST', path: '/v2/models/test/infer', body: '{}', status: 200 }
]

type Callers = Record<string, () => Promise<string | undefined> | string | undefined>

let folder: TempFolder
let step: StepServer
let issuer: Issuer
let gateway: TestGateway
let id: string

beforeAll(async () => {
  folder = await createTempFolder()
  step = await startStep({ body: '{}' })
  issuer = await startIssuer()
  gateway = await startTestGateway({
    steps: [step.url],
    spec: { access },
    config: {
      authToken: 'nameless-token',
      authTokens: await folder.write('tokens', tokens),
      jwt: { issuer: issuer.url, audiences: [audience], jwks: issuer.url }
    }
  })
  const accepted = await gateway.post('{}', {
    headers: { authorization: 'Bearer shop-token', prefer: 'respond-async' }
  })
  id = accepted.headers.get('location')?.split('/').at(-1) ?? ''
  const done = { authorization: 'Bearer shop-token', prefer: 'wait=10' }
  await (await fetch(`${gateway.url}/default/test/requests/${id}`, { headers: done })).text()
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await step[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const callers: Callers = {
  nobody: () => undefined,
  'a wrong token': () => 'wrong',
  'a forged JWT': async () => `${(await issuer.sign()).slice(0, -4)}AAAA`,
  'an expired JWT': () => issuer.sign({ exp: 1 }),
  'the nameless token': () => 'nameless-token',
  'a token of another name': () => 'other-token',
  'a JWT of another subject': () => issuer.sign({ sub: 'bob', groups: ['shop'], level: '3' }),
  'a JWT without a subject': () => issuer.sign({ sub: '' }),
  'a JWT whose claim is inherited': () => issuer.sign({ sub: 'constructor' }),
  'the named token': () => 'shop-token',
  'a JWT of the subject': () => issuer.sign(),
  'a JWT with the claim': () => issuer.sign({ sub: 'bob', groups: 'models' }),
  'a JWT with the claim in a list': () => issuer.sign({ sub: 'bob', groups: ['shop', 'models'] }),
  'a JWT with the number': () => issuer.sign({ sub: 'bob', level: 3 })
}

const refusals: Record<string, number> = {
  nobody: 401,
  'a wrong token': 401,
  'a forged JWT': 401,
  'an expired JWT': 401,
  'the nameless token': 403,
  'a token of another name': 403,
  'a JWT of another subject': 403,
  'a JWT without a subject': 403,
  'a JWT whose claim is inherited': 403
}

async function call({ method, path, headers, body }: Route, token: string | undefined): Promise<Response> {
  return fetch(`${gateway.url}${path.replace('ID', id)}`, {
    method,
    body: body ?? null,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` })
    }
  })
}

describe.each(Object.keys(callers))('%s', who => {
  it('gets the same answer from each route of a pipeline, or that of the route', async () => {
    const token = await callers[who]?.()
    const before = step.requests.length
    for (const route of routes) {
      const answer = await call(route, token)
      const text = await answer.text()
      const said = `${route.method} ${route.path} ${JSON.stringify(route.headers ?? {})}`
      expect([said, answer.status]).toEqual([said, refusals[who] ?? route.status])
      const code = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' }[answer.status]
      if (code !== undefined) expect(JSON.parse(text)).toMatchObject({ code })
    }
    if (who in refusals) expect(step.requests.length).toBe(before)
  })

  it('is shown by GET / what it may call', async () => {
    const answer = await call({ method: 'GET', path: '/', status: 200 }, await callers[who]?.())
    const mayCall = !(who in refusals)
    if (refusals[who] === 401) return expect(answer.status).toBe(401)
    const { items } = JSON.parse(await answer.text())
    expect(items).toHaveLength(mayCall ? 1 : 0)
    const guess = await call(
      { method: 'POST', path: '/default/tests', body: '{}', status: 404 },
      await callers[who]?.()
    )
    expect((await guess.text()).includes('/default/test?')).toBe(mayCall)
  })
})

it('probes need no name', async () => {
  expect((await fetch(`${gateway.url}/v2/health/ready`)).status).toBe(200)
})

it('the same idempotency key of two callers is two keys', async () => {
  const ids = await Promise.all(
    ['shop-token', await issuer.sign(), await issuer.sign({ sub: 'bob', level: 3 }), 'shop-token'].map(async token => {
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': '"one"', prefer: 'respond-async' }
      return JSON.parse(await (await gateway.post('{}', { headers })).text()).id
    })
  )
  expect(ids[0]).toBe(ids[3])
  expect(new Set(ids).size).toBe(3)
})

describe('a file of tokens', () => {
  it('is read again when it changes; a faulty one keeps those that were', async () => {
    await using own = await createTempFolder()
    const authTokens = await own.write('tokens', 'a token-a\n')
    await using gateway = await startTestGateway({ steps: [step.url], config: { authTokens } })
    const statusOf = async (token: string) =>
      (await gateway.post('{}', { headers: { authorization: `Bearer ${token}` } })).status
    expect([await statusOf('token-a'), await statusOf('token-b')]).toEqual([200, 401])
    await writeFile(authTokens, 'a token-a\nb token-b\n')
    expect([await statusOf('token-a'), await statusOf('token-b')]).toEqual([200, 200])
    await writeFile(authTokens, 'b token-b\n')
    expect([await statusOf('token-a'), await statusOf('token-b')]).toEqual([401, 200])
    await writeFile(authTokens, 'a token-a\noops\n')
    expect([await statusOf('token-a'), await statusOf('token-b')]).toEqual([401, 200])
    await rm(authTokens)
    expect(await statusOf('token-b')).toBe(200)
  })

  it.each([
    ['a\n', "line 1 must be 'NAME TOKEN'"],
    ['# none\n\n', 'has no token'],
    ['a secret\n\nb secret\n', 'line 3 has the token of a']
  ])('that is faulty at the start is refused without its tokens: %j', async (text, fault) => {
    await using own = await createTempFolder()
    const starting = startTestGateway({ steps: [step.url], config: { authTokens: await own.write('tokens', text) } })
    await expect(starting).rejects.toThrow(fault)
    await expect(starting).rejects.not.toThrow(/secret/)
  })
})

describe('spec.access', () => {
  it('lets nobody in where nothing names callers, and where its list is empty', async () => {
    for (const [config, allow] of [
      [{}, [{ tokenName: 'shop' }]],
      [{ authToken: 'nameless-token' }, [{ tokenName: 'shop' }]],
      [{ authTokens: await folder.write('others', 'shop shop-token') }, []]
    ] as const) {
      await using closed = await startTestGateway({ steps: [step.url], spec: { access: { allow } }, config })
      expect((await closed.post()).status).toBe(401)
      const authorization = `Bearer ${'authToken' in config ? 'nameless-token' : 'shop-token'}`
      expect((await closed.post('{}', { headers: { authorization } })).status).toBe(403)
    }
  })

  it('has faults with their places', () => {
    const written =
      '{steps: [{uri: "http://x"}], access: {allow: [{}, {claim: a}, {subject: a, tokenName: b}, {value: 1, subject: a}, {tokenname: a}], deny: []}}'
    const { faults } = readPipelines([{ file: 'a.yaml', text: aDefinition('a', written) }])
    expect(faults.map(fault => formatFault(fault).replace(/^a.yaml:\d+:\d+ spec\.access\./, ''))).toEqual([
      "allow[0]: needs exactly one of 'subject', 'claim' and 'tokenName'",
      "allow[1]: needs a 'value' beside 'claim'",
      "allow[2]: needs exactly one of 'subject', 'claim' and 'tokenName'",
      "allow[3].value: means something only beside 'claim'",
      "allow[4]: needs exactly one of 'subject', 'claim' and 'tokenName'",
      "allow[4].tokenname: unknown field; did you mean 'tokenName'?",
      'deny: unknown field'
    ])
  })
})
