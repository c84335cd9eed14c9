import { expect, it } from 'vitest'
import type { ProcessChanges } from '../helpers/gateway-process.ts'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { startCli } from '../helpers/cli.ts'
import { pipelineText } from '../helpers/gateway.ts'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { openRaw } from '../helpers/raw-client.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

const wrong = { authorization: 'Bearer a-guess' }

it('wrong tokens are counted, on either plane', async () => {
  await using echo = await startEchoGateway({ config: { authToken: 's3cret', adminToken: 'adm1n' } })
  const { gateway } = echo
  for (let i = 0; i < 3; i++) expect((await gateway.post('{}', { headers: wrong })).status).toBe(401)
  expect((await fetch(`${gateway.adminUrl}/requests`, { headers: wrong })).status).toBe(401)
  expect(
    (await gateway.post('{}', { headers: { authorization: 'Bearer s3cret', origin: 'https://a.example' } })).status
  ).toBe(200)
  const metrics = await fetch(`${gateway.adminUrl}/metrics`, { headers: { authorization: 'Bearer adm1n' } })
  expect(await metrics.text()).toContain('sluice_shed_total{reason="UNAUTHENTICATED"} 4\n')
})

it('wrong tokens are in the log, once and without the token', async () => {
  await using folder = await createTempFolder()
  const file = await folder.write('test.json', pipelineText(['http://127.0.0.1:9']))
  const env = { SLUICE_AUTH_TOKEN: 's3cret' }
  await using gateway = await startCli(['run', file, '--port', '0', '--admin-port', '0'], { env, cwd: folder.path })
  const [, url = ''] = await gateway.waitForLine(/sluice ready on (http:\S+)/)
  for (let i = 0; i < 5; i++) await (await fetch(`${url}/default/test`, { method: 'POST', headers: wrong })).text()
  await gateway.waitForLine(/"code":"UNAUTHENTICATED"/)
  const lines = gateway.output.stderr.split('\n').filter(line => line.includes('turned away'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/"plane":"data","code":"UNAUTHENTICATED","from":"127.0.0.1"/)
  expect(gateway.output.stderr).not.toContain('a-guess')
})

it('the health of the Open Inference Protocol is told without a token, its models are not', async () => {
  await using echo = await startEchoGateway({ config: { authToken: 's3cret' } })
  const statusOf = async (path: string) => (await fetch(`${echo.gateway.url}/v2/${path}`)).status
  expect([await statusOf('health/live'), await statusOf('health/ready')]).toEqual([200, 200])
  expect(await statusOf('models/test/ready')).toBe(401)
})

it('connections beyond the limit are counted, and the log tells which ones were closed', async () => {
  await using step = await startStep(() => new Promise<number>(() => {}))
  const changes: ProcessChanges = {
    config: { logLevel: 'warn' },
    overrides: { clientLimits: { maxConnections: 2 } }
  }
  await using gateway = await startKillableGateway({
    steps: [step.url],
    store: 'sqlite::memory:',
    args: [JSON.stringify(changes)]
  })
  const post = 'POST /default/test HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'
  await using idle = await openRaw(gateway.url)
  await using busy = await openRaw(gateway.url)
  busy.send(post)
  await step.waitForRequests(1)
  await using third = await openRaw(gateway.url)
  await idle.closed
  third.send(post)
  await step.waitForRequests(2)
  await using refused = await openRaw(gateway.url)
  const answer = await refused.response()
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([503, { code: 'OVERLOADED' }])
  const [idlest] = await gateway.process.waitForLine(/.*the one that was idle for the longest time was closed.*/)
  const [last] = await gateway.process.waitForLine(/.*none is idle: a new one was refused.*/)
  for (const line of [idlest, last])
    expect(JSON.parse(line)).toMatchObject({ level: 40, plane: 'data', connections: 1 })
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  expect(metrics).toContain('sluice_shed_total{reason="CONNECTIONS"} 2\n')
})
