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

it('a gateway that asks for certificates is called with --cert and --key', async () => {
  await using step = await startStep({ body: '{"well":true}' })
  await using authority = await createAuthority()
  await using folder = await createTempFolder()
  const { cert, key } = await authority.issue('sluice')
  const mine = await authority.issue('client')
  const other = await authority.issue('other')
  await folder.write('test.json', pipelineText([step.url]))
  const tls = ['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', authority.ca]
  const adminTls = ['--admin-tls-cert', cert, '--admin-tls-key', key, '--admin-tls-client-ca', authority.ca]
  const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
  await using gateway = await startCli([...args, ...tls, ...adminTls], { cwd: folder.path })
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(/^sluice ready on (https:\S+) \(admin (https:[^,]+), /)

  const env = { SLUICE_GATEWAY: url, SLUICE_ADMIN: adminUrl, SLUICE_CA: authority.ca }
  const send = (...options: string[]) => sluice(['send', 'test', '-d', '{}', ...options], { env })
  expect((await send('--cert', mine.cert, '--key', mine.key)).stdout).toContain('well')
  const named = { ...env, SLUICE_CERT: mine.cert, SLUICE_KEY: mine.key }
  const { stdout: accepted } = await sluice(['send', 'test', '-d', '{}', '--async'], { env: named })
  const id = /[0-9a-f-]{36}/.exec(accepted)?.[0] ?? ''
  expect((await sluice(['requests', 'watch', id], { env: named })).stdout).toContain('replied')
  expect((await sluice(['requests', 'list'], { env: named })).stdout).toContain(id)
  expect((await send()).code).toBe(1)
  expect(await send('--cert', mine.cert)).toMatchObject({ code: 2, stderr: expect.stringContaining('set --key') })
  expect(await send('--cert', mine.cert, '--key', other.key)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('mismatch')
  })
  expect((await send('--cert', 'none.pem', '--key', mine.key)).stderr).toContain('none.pem')
})
