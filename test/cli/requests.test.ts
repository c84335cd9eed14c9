import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startAdmin } from '../admin/admin-under-test.ts'
import { startCli } from '../helpers/cli.ts'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { startProcess } from '../helpers/process.ts'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { aDeadLetter, aRequest } from '../helpers/ledger-requests.ts'
import { startStep } from '../helpers/step-server.ts'
import { sluice, type CliResult } from './sluice.ts'

const call = ({ url }: Pick<TestGateway, 'url'>, args: readonly string[]): Promise<CliResult> =>
  sluice(args, { env: { SLUICE_GATEWAY: url } })

const accept = async (gateway: TestGateway): Promise<string> => {
  const { stdout } = await call(gateway, ['send', 'test', '-d', '{}', '--async'])
  return stdout.trim()
}

describe('sluice requests list', () => {
  it('prints a page of stored requests', async () => {
    await using admin = await startAdmin()
    const requests = [aRequest(), aRequest(), aRequest({ pipeline: 'shop/orders' })]
    await admin.ledger.accept(requests)
    const args = ['requests', 'list', '--pipeline', 'comments', '--status', 'accepted', '--limit', '1']
    const { stdout, stderr } = await sluice([...args, '--admin', admin.url])
    const [head, row = ''] = stdout.split('\n').map(line => line.split(/ {2,}/))
    expect(head).toEqual(['ID', 'PIPELINE', 'STATUS', 'STEP', 'AGE', 'WAITING', 'REASON'])
    expect(row).toEqual([
      requests[1]?.id,
      'comments',
      'accepted',
      'filter',
      expect.stringMatching(/^\d+s$/),
      'queue',
      '-'
    ])
    expect(stderr).toContain(`--after ${requests[1]?.id}`)
  })

  it('shows the step that failed', async () => {
    await using admin = await startAdmin()
    const id = await aDeadLetter(admin.ledger)
    const { stdout } = await sluice(['requests', 'list', '--admin', admin.url])
    const [, row = ''] = stdout.split('\n')
    expect(row.split(/ {2,}/)).toEqual([id, 'comments', 'failed', 'sentiment', expect.any(String), '-', 'STEP_FAILED'])
  })

  it('takes as many at once as the gateway gives, and says so when they are too many', async () => {
    await using admin = await startAdmin()
    const list = (limit: number) => sluice(['requests', 'list', '--limit', String(limit), '--admin', admin.url])
    expect((await list(1000)).code).toBe(0)
    const { code, stdout, stderr } = await list(1001)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.match(/whole number from 1 to 1000/g)).toHaveLength(1)
  })
})

describe('an id alone', () => {
  it('is enough to get, watch and cancel a request, and to have its reply', async () => {
    await using step = await startStep({ headers: { 'content-type': 'image/png' }, body: 'late' })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const id = await accept(gateway)
    const of = (verb: string) => sluice(['requests', verb, id, '--gateway', gateway.url, '--admin', gateway.adminUrl])
    expect((await of('watch')).stdout).toMatch(/ replied$/m)
    expect(parse((await of('get')).stdout)).toMatchObject({ id, status: 'replied' })
    expect(await of('reply')).toEqual({ code: 0, stdout: 'late', stderr: '' })
    expect((await of('cancel')).stderr).toMatch(/^nothing was cancelled/)
  })

  it('that nobody knows is told, and how to see those that there are', async () => {
    await using admin = await startAdmin()
    const { code, stderr } = await sluice(['requests', 'get', 'nope', '--admin', admin.url])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^there is no stored request "nope".*requests list/)])
  })
})

describe('an accepted request', () => {
  it('has no reply while it runs, and says how to wait for it', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startTestGateway({ steps: [step.url], config: { shutdownGraceMs: 0 } })
    const id = await accept(gateway)
    const { code, stdout, stderr } = await call(gateway, ['requests', 'reply', 'test', id])
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      `there is no reply yet; 'sluice requests watch ${id}' waits for it\n`
    ])
  })

  it('says to who watches it what it waits for', async () => {
    await using step = await startStep(503)
    const circuitBreaker = { volumeThreshold: 1, resetTimeout: '10m' }
    const steps = [{ name: 'model', uri: step.url, circuitBreaker, delivery: { retry: 0 } }]
    await using gateway = await startTestGateway({ steps })
    expect((await gateway.post()).status).toBe(502)
    const id = await accept(gateway)
    await using watch = await startCli(['requests', 'watch', 'test', id, '--gateway', gateway.url])
    await watch.waitForLine(/ at model waits while the circuit breaker of its step is open, until \d\d:/)
    const { stdout } = await sluice(['requests', 'list', '--admin', gateway.adminUrl])
    expect(stdout).toMatch(/ accepted +model +\d+s +breaker +/)
  })

  it('is not watched any more when nobody reads', async () => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [step.url] })
    const id = await accept(gateway)
    const watching = `"$0" src/main.ts requests watch test ${id} --gateway ${gateway.url} | true`
    await using shell = await startProcess('bash', ['-c', `set -o pipefail; ${watching}`, process.execPath])
    expect([await shell.exit, shell.output.stderr]).toEqual([{ code: 0, signal: null }, ''])
  })

  it('is sent, followed to its end, and got', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { headers: { 'content-type': 'text/plain' }, body: 'late' }))
    await using gateway = await startTestGateway({ steps: [{ name: 'slow', uri: step.url }] })
    const id = await accept(gateway)
    await using watch = await startCli(['requests', 'watch', 'test', id, '--gateway', gateway.url])
    await watch.waitForLine(/ running at slow$/)
    const list = (...args: string[]) => sluice(['requests', 'list', '--admin', gateway.adminUrl, ...args])
    expect((await list()).stdout).toMatch(/ running +slow +\d+s +- +-/)
    expect(JSON.parse((await list('-o', 'json')).stdout)).toMatchObject({
      items: [{ inFlight: { stage: 'processing' } }]
    })
    gate.open()
    await watch.waitForLine(/ replied$/)
    expect(await watch.exit).toEqual({ code: 0, signal: null })
    const { stdout } = await call(gateway, ['requests', 'get', 'test', id])
    expect(parse(stdout)).toMatchObject({ id, status: 'replied', steps: [{ name: 'slow', status: 'replied' }] })
  })

  it('is cancelled', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startTestGateway({ steps: [step.url], config: { shutdownGraceMs: 0 } })
    const id = await accept(gateway)
    const { code, stdout, stderr } = await call(gateway, ['requests', 'cancel', 'test', id, '-o', 'json'])
    expect([code, JSON.parse(stdout), stderr]).toMatchObject([0, { id, status: 'cancelled' }, ''])
  })

  it('is not cancelled any more when it is finished, and that is said', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'soon' })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const id = await accept(gateway)
    await call(gateway, ['requests', 'watch', 'test', id])
    const { code, stdout, stderr } = await call(gateway, ['requests', 'cancel', 'test', id, '-o', 'json'])
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { id, status: 'replied' }])
    expect(stderr).toBe('nothing was cancelled: the request is finished (replied)\n')
  })

  it('gives its reply to who waits for it', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'soon' })
    await using gateway = await startTestGateway({ steps: [step.url] })
    expect(await call(gateway, ['send', 'test', '-d', '{}', '--async', '--wait', '20'])).toEqual({
      code: 0,
      stdout: 'soon',
      stderr: ''
    })
  })

  it('is told as a problem when there is none', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:1'] })
    for (const verb of ['get', 'watch', 'cancel']) {
      const { code, stderr } = await call(gateway, ['requests', verb, 'test', 'no-such-request'])
      expect([code, stderr]).toEqual([1, expect.stringContaining('REQUEST_NOT_FOUND')])
    }
  })

  it('that fails makes who watches it fail', async () => {
    await using step = await startStep(400)
    await using gateway = await startTestGateway({ steps: [step.url] })
    const { code, stdout } = await call(gateway, ['requests', 'watch', 'test', await accept(gateway)])
    expect([code, stdout]).toEqual([1, expect.stringContaining('STEP_REJECTED')])
  })

  it('is watched as JSON, a line each', async () => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [step.url] })
    const id = await accept(gateway)
    const { stdout } = await call(gateway, ['requests', 'watch', 'test', id, '-o', 'json'])
    const lines = stdout.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ id, status: 'filtered' })
  })
})

it.each([
  [['get', 'a/b/c', 'id']],
  [['get', 'a', 'b', 'c']],
  [['list', '--status', 'done']],
  [['list', '--limit', '0']],
  [['got']]
])('is wrong usage: requests %j', async args => {
  expect((await sluice(['requests', ...args])).code).toBe(2)
})
