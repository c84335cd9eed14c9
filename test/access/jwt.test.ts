import { writeFile } from 'node:fs/promises'
import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SignJWT } from 'jose'
import { startTestGateway } from '../helpers/gateway.ts'
import { audience, startIssuer, type Issuer } from '../helpers/issuer.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

const soon = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

const startBehind = (issuer: Issuer, step: string) =>
  startTestGateway({
    steps: [step],
    config: { jwt: { issuer: issuer.url, audiences: [audience], jwks: issuer.url } }
  })

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a caller with a JWT', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('is let in by a signature of %s', async alg => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer(alg)
    await using gateway = await startBehind(issuer, step.url)
    const token = await issuer.sign()
    expect((await gateway.post('{}', bearer(token))).status).toBe(200)
    expect((await gateway.post('{}', bearer(token))).status).toBe(200)
    expect((await gateway.post('{}', bearer(await issuer.sign({ aud: ['others', audience] })))).status).toBe(200)
    expect((await gateway.post()).status).toBe(401)
    expect(issuer.server.requests).toHaveLength(1)
  })

  it('is judged with a minute of leeway', async () => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    await using gateway = await startBehind(issuer, step.url)
    const statusOf = async (claims: object) =>
      (await gateway.post('{}', bearer(await issuer.sign({ ...claims })))).status
    expect(await statusOf({ exp: soon(-50) })).toBe(200)
    expect(await statusOf({ exp: soon(-70) })).toBe(401)
    expect(await statusOf({ nbf: soon(50) })).toBe(200)
    expect(await statusOf({ nbf: soon(70) })).toBe(401)
  })

  it.each<readonly [what: string, reason: RegExp, make: (issuer: Issuer) => Promise<string>]>([
    ['has expired', /has expired/, issuer => issuer.sign({ exp: soon(-3600) })],
    ['is not valid yet', /not valid yet/, issuer => issuer.sign({ nbf: soon(3600) })],
    ['is for another audience', /another audience/, issuer => issuer.sign({ aud: 'others' })],
    ['is for nobody', /another audience|'aud'/, issuer => issuer.sign({ aud: [] })],
    ['is of another issuer', /another issuer/, issuer => issuer.sign({ iss: 'http://elsewhere' })],
    ['has an unknown key', /no such key/, issuer => issuer.sign({}, { kid: 'unknown' })],
    [
      'is signed by another key of that name',
      /signature/,
      async issuer => {
        const token = await issuer.sign()
        return `${token.slice(0, -8)}${token.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA'}`
      }
    ],
    [
      'is not signed at all',
      /RS256, ES256 or EdDSA|valid JWT/,
      async issuer => {
        const [, payload = ''] = (await issuer.sign()).split('.')
        return `${encoded({ alg: 'none' })}.${payload}.`
      }
    ],
    [
      'is signed by HMAC with the public key',
      /RS256, ES256 or EdDSA/,
      async issuer => {
        const [, payload = ''] = (await issuer.sign()).split('.')
        const head = `${encoded({ alg: 'HS256', kid: issuer.publicKey.kid })}.${payload}`
        const pem = createPublicKey({ key: { ...issuer.publicKey }, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem'
        })
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`
      }
    ],
    [
      'is signed by HMAC with the key set',
      /RS256, ES256 or EdDSA/,
      issuer =>
        new SignJWT({ iss: issuer.url, aud: audience })
          .setProtectedHeader({ alg: 'HS256', kid: String(issuer.publicKey.kid) })
          .sign(new TextEncoder().encode(JSON.stringify(issuer.publicKey)))
    ],
    ['is no JWT', /valid JWT/, () => Promise.resolve('not.a.jwt')],
    ['is a word', /valid JWT/, () => Promise.resolve('word')]
  ])('is turned away when the token %s, and told so', async (_what, reason, make) => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    await using gateway = await startBehind(issuer, step.url)
    const token = await make(issuer)
    const answer = await gateway.post('{}', bearer(token))
    const problem = await answer.text()
    expect([answer.status, JSON.parse(problem)]).toMatchObject([
      401,
      { code: 'UNAUTHENTICATED', detail: expect.stringMatching(reason) }
    ])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(problem).not.toContain(token)
    expect(step.requests).toEqual([])
  })

  it('is let in with a large body that comes before the keys do', async () => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    await using gateway = await startBehind(issuer, step.url)
    await issuer.rotate()
    const body = JSON.stringify('x'.repeat(900_000))
    expect((await gateway.post(body, bearer(await issuer.sign()))).status).toBe(200)
    expect(step.requests[0]?.body.length).toBe(body.length)
  })
})

describe('the keys of an issuer', () => {
  it('are asked for again when a token has a new one, and hold while the issuer is away', async () => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    await using gateway = await startBehind(issuer, step.url)
    const before = await issuer.sign()
    expect((await gateway.post('{}', bearer(before))).status).toBe(200)
    await issuer.rotate()
    const after = await issuer.sign()
    expect((await gateway.post('{}', bearer(after))).status).toBe(200)
    // The key of the first is gone.
    expect((await gateway.post('{}', bearer(before))).status).toBe(401)
    issuer.away = true
    expect((await gateway.post('{}', bearer(await issuer.sign({ sub: 'bob' })))).status).toBe(200)
    expect((await gateway.post('{}', bearer(await issuer.sign({}, { kid: 'unknown' })))).status).toBe(401)
    expect((await gateway.post('{}', bearer(await issuer.sign({ sub: 'cid' })))).status).toBe(200)
  })

  it('are not asked for with each key that somebody invents', async () => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    await using gateway = await startBehind(issuer, step.url)
    const statuses = await Promise.all(
      Array.from(
        { length: 30 },
        async (_, i) => (await gateway.post('{}', bearer(await issuer.sign({}, { kid: `${i}` })))).status
      )
    )
    expect(new Set(statuses)).toEqual(new Set([401]))
    expect(issuer.server.requests.length).toBeLessThan(10)
  })

  it('may be late: until they are there, a token cannot be judged', async () => {
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer()
    issuer.away = true
    await using gateway = await startBehind(issuer, step.url)
    const early = await gateway.post('{}', bearer(await issuer.sign()))
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, expect.any(String)])
    issuer.away = false
    expect((await gateway.post('{}', bearer(await issuer.sign()))).status).toBe(200)
  })

  it('are those of a file, which is read again when it changes', async () => {
    await using folder = await createTempFolder()
    await using step = await startStep({ body: '{}' })
    await using issuer = await startIssuer('RS256')
    const file = await folder.write('jwks.json', JSON.stringify({ keys: [issuer.publicKey] }))
    await using gateway = await startTestGateway({
      steps: [step.url],
      config: { jwt: { issuer: issuer.url, audiences: [], jwks: file } }
    })
    const before = await issuer.sign()
    expect((await gateway.post('{}', bearer(before))).status).toBe(200)
    await issuer.rotate()
    await writeFile(file, JSON.stringify({ keys: [issuer.publicKey] }))
    expect((await gateway.post('{}', bearer(before))).status).toBe(401)
    expect((await gateway.post('{}', bearer(await issuer.sign()))).status).toBe(200)
    expect(issuer.server.requests).toEqual([])
  })
})
