import { copyFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { createAuthority, type Authority, type Certificate } from '../helpers/certificates.ts'
import { startCli } from '../helpers/cli.ts'
import { pipelineText, testConfig } from '../helpers/gateway.ts'
import { freePort } from '../helpers/loopback.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

let authority: Authority
let own: Certificate
/** Speaks TLS on `tlsPort` beside the plain port. */
let server: RedisServer
let tlsPort: number

const tlsArgs = (port: number, { cert, key }: Certificate, clients: 'yes' | 'no'): readonly string[] => [
  '--tls-port',
  `${port}`,
  '--tls-cert-file',
  cert,
  '--tls-key-file',
  key,
  '--tls-ca-cert-file',
  authority.ca,
  '--tls-auth-clients',
  clients
]

beforeAll(async () => {
  authority = await createAuthority()
  own = await authority.issue('redis')
  tlsPort = await freePort()
  server = await startRedis({ args: tlsArgs(tlsPort, own, 'no') })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await authority[Symbol.asyncDispose]()
})

const refusalOf = (store: string): Promise<unknown> =>
  startGateway(testConfig({ store })).then(
    () => 'started',
    ({ message }: Error) => message
  )

describe('a gateway on a Redis with TLS', () => {
  it('does not start where the certificate is not trusted, and says how to trust it', async () => {
    expect(await refusalOf(`rediss://:s3cret@127.0.0.1:${tlsPort}`)).toMatch(
      /^redis at 127\.0\.0\.1:\d+: the certificate of Redis is not trusted: name its authority in NODE_EXTRA_CA_CERTS \(/
    )
  })

  it.each([
    ['rediss', () => server.port, 'if it does not speak TLS there, begin the URL of the store with redis in'],
    ['redis', () => tlsPort, 'if it speaks TLS there, begin the URL of the store with rediss in'],
    ['redis+cluster', () => tlsPort, 'if it speaks TLS there, begin the URL of the store with rediss in']
  ])(
    'does not start where %s is the wrong protocol, and says how the URL is to begin',
    async (scheme, port, advice) => {
      expect(await refusalOf(`${scheme}://127.0.0.1:${port()}`)).toContain(advice)
    }
  )

  it('tells callers why nothing is stored any more when the certificate is not trusted any more', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'well' })
    await using folder = await createTempFolder()
    await folder.write('test.json', pipelineText([step.url]))
    const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--store', `rediss://127.0.0.1:${tlsPort}`]
    await using gateway = await startCli(args, { cwd: folder.path, env: { NODE_EXTRA_CA_CERTS: authority.ca } })
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (http:\S+)/)
    const post = () => fetch(`${url}/default/test`, { method: 'POST', headers: { prefer: 'respond-async' } })
    expect((await post()).status).toBe(202)
    await using stranger = await createAuthority('a stranger')
    const { cert, key } = await stranger.issue('redis')
    await copyFile(cert, own.cert)
    await copyFile(key, own.key)
    await server.restart()
    const problem = await waitFor(
      async () => {
        const answer = await post()
        const told = (await answer.json()) as { readonly code: string; readonly detail: string }
        return told.detail.includes('certificate') && { status: answer.status, ...told }
      },
      { what: 'a refusal that names the certificate' }
    )
    expect(problem).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' })
    expect(problem.detail).toBe('the certificate of Redis is not trusted: name its authority in NODE_EXTRA_CA_CERTS')
  })
})

it('a gateway on a Redis that wants certificates of its clients says so', async () => {
  const port = await freePort()
  const issued = await authority.issue('strict')
  await using strict = await startRedis({ args: tlsArgs(port, issued, 'yes') })
  await using folder = await createTempFolder()
  await folder.write('test.json', pipelineText(['http://127.0.0.1:9']))
  const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--store', `rediss://127.0.0.1:${port}`]
  await using gateway = await startCli(args, { cwd: folder.path, env: { NODE_EXTRA_CA_CERTS: authority.ca } })
  expect((await gateway.exit).code).toBe(1)
  expect(gateway.output.stderr).toContain('set tls-auth-clients no or optional')
  expect(strict.port).not.toBe(port)
})
