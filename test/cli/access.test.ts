import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createAuthority } from '../helpers/certificates.ts'
import { startCli } from '../helpers/cli.ts'
import { pipelineText } from '../helpers/gateway.ts'
import { startIssuer } from '../helpers/issuer.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { createTlsClient } from '../helpers/tls-client.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { sluice } from './sluice.ts'

it.each([1, 2])(
  'a gateway of %i processes says https, is called with --ca, and reads its files again at SIGHUP',
  async workers => {
    await using step = await startStep(({ headers }) => ({ body: JSON.stringify({ key: headers['x-key'] }) }))
    await using authority = await createAuthority()
    await using issuer = await startIssuer()
    await using folder = await createTempFolder()
    const { cert, key } = await authority.issue('sluice')
    await folder.write('key', 'one')
    const tokens = await folder.write('tokens', 'shop shop-token\n')
    await folder.write(
      'test.json',
      pipelineText([{ uri: step.url, headers: { 'x-key': { file: 'key' } } }], {
        access: { allow: [{ tokenName: 'shop' }, { subject: 'ann' }] }
      })
    )
    const who = ['--auth-tokens', 'tokens', '--jwt-issuer', issuer.url, '--jwt-jwks', issuer.url]
    const tls = ['--tls-cert', cert, '--tls-key', key, '--admin-tls-cert', cert, '--admin-tls-key', key]
    const ports = ['--port', '0', '--admin-port', '0', '--workers', String(workers)]
    await using gateway = await startCli(['run', 'test.json', ...ports, ...who, ...tls], { cwd: folder.path })
    const [, url = '', adminUrl = ''] = await gateway.waitForLine(
      /^sluice ready on (https:\S+) \(admin (https:[^,]+), /
    )

    const at = ['--gateway', url, '--token', 'shop-token']
    expect(await sluice(['send', 'test', '-d', '{}', ...at, '--ca', authority.ca])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('one')
    })
    expect((await sluice(['send', 'test', '-d', '{}', ...at])).code).toBe(1)
    expect((await sluice(['requests', 'list', '--admin', adminUrl], { env: { SLUICE_CA: authority.ca } })).code).toBe(0)

    using client = createTlsClient(authority.pem)
    const call = async (token: string) =>
      client.call(`${url}/default/test`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{}'
      })
    expect((await call(await issuer.sign())).status).toBe(200)
    await writeFile(tokens, 'shop other-token\n')
    await writeFile(`${folder.path}/key`, 'two')
    await issuer.rotate()
    const asked = issuer.server.requests.length
    gateway.kill('SIGHUP')
    await gateway.waitForLine(/SIGHUP/)
    // Each process that takes requests asks for the keys.
    await waitFor(() => issuer.server.requests.length >= asked + workers, { what: 'the keys to be asked for again' })
    const renewed = await call('other-token')
    expect([renewed.status, renewed.text]).toEqual([200, '{"key":"two"}'])
    expect((await call('shop-token')).status).toBe(401)
    expect((await call(await issuer.sign())).status).toBe(200)
    gateway.kill('SIGTERM')
    expect(await gateway.exit).toEqual({ code: 0, signal: null })
  },
  60_000
)
