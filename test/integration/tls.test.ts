import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Authority } from '../helpers/certificates.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { createTlsClient } from '../helpers/tls-client.ts'
import { waitFor } from '../helpers/wait-for.ts'

let authority: Authority
let other: Authority
let step: StepServer

beforeAll(async () => {
  authority = await createAuthority()
  other = await createAuthority('other authority')
  step = await startStep({ headers: { 'content-type': 'application/json' }, body: '{"well":true}' })
})

afterAll(async () => {
  await step[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await authority[Symbol.asyncDispose]()
})

const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }

describe('TLS', () => {
  it('is spoken on both planes, and told by their URLs', async () => {
    const data = { ...(await authority.issue('data')), clientCa: undefined }
    const admin = { ...(await authority.issue('admin')), clientCa: undefined }
    await using gateway = await startTestGateway({ steps: [step.url], config: { tls: data, adminTls: admin } })
    using client = createTlsClient(authority.pem)
    expect([gateway.url, gateway.adminUrl]).toEqual([
      expect.stringMatching(/^https:\/\/127/),
      expect.stringMatching(/^https:\/\/127/)
    ])
    expect(await client.call(`${gateway.url}/default/test`, post)).toEqual({
      status: 200,
      text: '{"well":true}',
      server: 'data'
    })
    expect(await client.call(`${gateway.adminUrl}/readyz`)).toEqual({ status: 200, text: 'ok\n', server: 'admin' })
    expect(JSON.parse((await client.call(`${gateway.url}/`)).text).items).toMatchObject([
      { url: `${gateway.url}/default/test` }
    ])
    using stranger = createTlsClient(other.pem)
    await expect(stranger.call(`${gateway.url}/`)).rejects.toThrow(/certificate/)
    await expect(fetch(gateway.url.replace('https', 'http'))).rejects.toThrow()
  })

  it('takes large bodies and streams, and drains when it ends', async () => {
    const tls = { ...(await authority.issue('large')), clientCa: undefined }
    await using gateway = await startTestGateway({ steps: [step.url], config: { tls } })
    using client = createTlsClient(authority.pem, undefined, true)
    const large = { ...post, body: JSON.stringify('x'.repeat(1_000_000)) }
    expect((await client.call(`${gateway.url}/default/test`, large)).status).toBe(200)
    expect(
      (await client.call(`${gateway.url}/default/test`, { ...large, body: `${large.body}${large.body}` })).status
    ).toBe(413)
    const events = { ...post, headers: { ...post.headers, accept: 'text/event-stream' } }
    expect((await client.call(`${gateway.url}/default/test`, events)).text).toContain('event: reply')
  })

  it('asks callers for a certificate of the named authority, and cuts those without', async () => {
    const tls = { ...(await authority.issue('mutual')), clientCa: authority.ca }
    await using gateway = await startTestGateway({ steps: [step.url], config: { tls } })
    const statusOf = async (client: ReturnType<typeof createTlsClient>) => {
      using owned = client
      return (await owned.call(`${gateway.url}/default/test`, post)).status
    }
    expect(await statusOf(createTlsClient(authority.pem, await authority.issue('caller')))).toBe(200)
    await expect(statusOf(createTlsClient(authority.pem))).rejects.toThrow()
    await expect(statusOf(createTlsClient(authority.pem, await other.issue('caller')))).rejects.toThrow()
  })

  it('takes a renewed certificate under load without a failed call', async () => {
    await using folder = await createTempFolder()
    const [first, second] = [await authority.issue('first'), await authority.issue('second')]
    const tls = { cert: `${folder.path}/tls.pem`, key: `${folder.path}/tls.key`, clientCa: undefined }
    await copyFile(first.cert, tls.cert)
    await copyFile(first.key, tls.key)
    await using gateway = await startTestGateway({ steps: [step.url], config: { tls } })
    const url = `${gateway.url}/default/test`
    const seen: string[] = []
    const stop = new AbortController()
    const caller = async (keepAlive: boolean): Promise<void> => {
      using client = createTlsClient(authority.pem, undefined, keepAlive)
      while (!stop.signal.aborted) {
        const { status, server } = await client.call(url, post)
        expect(status).toBe(200)
        seen.push(server)
      }
    }
    const callers = Promise.all([caller(false), caller(true)])
    await waitFor(() => seen.length > 20, { what: 'the load' })
    // The certificate comes before its key: until then the pair does not fit.
    await writeFile(tls.cert, await readFile(second.cert))
    const before = seen.length
    await waitFor(() => seen.length > before + 20, { what: 'calls while they do not fit' })
    await writeFile(tls.key, await readFile(second.key))
    await waitFor(() => seen.includes('second'), { what: 'the new certificate' })
    stop.abort()
    await callers
    expect(new Set(seen)).toEqual(new Set(['first', 'second']))
  })

  it('is not held up by those who connect and say nothing', async () => {
    const tls = { ...(await authority.issue('silent')), clientCa: undefined }
    await using gateway = await startTestGateway({ steps: [step.url], config: { tls } })
    const { hostname, port } = new URL(gateway.url)
    const silent = Array.from({ length: 600 }, () => connect(Number(port), hostname).on('error', () => {}))
    await Promise.all(silent.slice(0, 500).map(socket => once(socket, 'connect')))
    using client = createTlsClient(authority.pem)
    expect((await client.call(`${gateway.url}/default/test`, post)).status).toBe(200)
    // The oldest had to go.
    await waitFor(() => silent.some(socket => socket.readableEnded || socket.destroyed), { what: 'room' })
    for (const socket of silent) socket.destroy()
  })
})

describe('what cannot be used for TLS', () => {
  it('is refused at the start, without what stands in it', async () => {
    await using folder = await createTempFolder()
    const [one, two] = [await authority.issue('one'), await authority.issue('two')]
    const none = `${folder.path}/none`
    const word = await folder.write('word', 'secret')
    for (const [tls, fault] of [
      [{ cert: none, key: one.key, clientCa: undefined }, `${none} is not there`],
      [{ cert: word, key: one.key, clientCa: undefined }, `${word} must be a certificate in PEM`],
      [{ cert: one.cert, key: word, clientCa: undefined }, `${word} must be a private key without a passphrase in PEM`],
      [
        { cert: one.cert, key: two.key, clientCa: undefined },
        `${two.key} is not the key of the certificate in ${one.cert}`
      ],
      [{ ...one, clientCa: word }, `${word} must be a certificate in PEM`]
    ] as const) {
      await expect(startTestGateway({ steps: [step.url], config: { tls } })).rejects.toThrow(fault)
    }
  })
})
