import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluice } from '../cli/sluice.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep, type StepAnswer } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { parseExposition } from '../telemetry/exposition.ts'
import { accept, many, post, startWorkers, type GatewayWithWorkers } from './gateway-with-workers.ts'

async function metric({ admin }: GatewayWithWorkers, name: string) {
  const { text } = await admin('/metrics')
  return parseExposition(text).get(name)?.samples ?? []
}

/** One after the other on one gateway. */
describe('three workers', () => {
  const opened = new AsyncDisposableStack()
  let gateway: GatewayWithWorkers
  let answer: StepAnswer | number = { body: 'done' }
  beforeAll(async () => {
    const step = opened.use(await startStep(() => answer))
    gateway = opened.use(await startWorkers({ steps: [step.url], workers: 3 }))
  })
  afterAll(() => opened.disposeAsync())

  it('are ready as one, which names them when it is asked', async () => {
    expect((await gateway.admin('/readyz')).text).toBe('ok\n')
    expect((await gateway.admin('/readyz?verbose')).text).toMatch(
      /^\[\+\] started ok\n\[\+\] serving ok\n\[\+\] worker 1 ok\n\[\+\] worker 2 ok\n\[\+\] worker 3 ok\n\[i\] store: .*\nready\n$/
    )
    expect(gateway.process.output.stdout).toMatch(/^sluice ready on .*\n$/)
    expect(new Set(await gateway.pids()).size).toBe(3)
  })

  it('have one sum of their metrics', async () => {
    const count = 40
    await many(count, n => post(gateway, n))
    const [requests] = await metric(gateway, 'sluice_requests_total')
    expect(requests?.value).toBe(count)
    const lasted = await metric(gateway, 'sluice_request_duration_seconds')
    expect(lasted.find(({ name }) => name.endsWith('_count'))?.value).toBe(count)
  })

  it('write log lines that carry their number', async () => {
    answer = 400
    await many(40, n => post(gateway, n, { prefer: 'respond-async' }))
    const writers = () =>
      gateway.log().flatMap(({ msg, worker }) => (msg.startsWith('a stored request failed for good') ? [worker] : []))
    await waitFor(() => writers().length === 40, { what: 'a line for each' })
    expect(new Set(writers())).toEqual(new Set([1, 2, 3]))
  })

  it('refuse a port that is in use', async () => {
    const { port } = new URL(gateway.url)
    const args = [
      'run',
      'test.json',
      '--port',
      port,
      '--admin-port',
      '0',
      '--workers',
      '2',
      '--store',
      'sqlite::memory:'
    ]
    const { code, stdout, stderr } = await sluice(args, { cwd: gateway.folder.path })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use; choose another with --port`)
  })

  it('refuse a store that another gateway uses', async () => {
    const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--workers', '2', '--store', 'sqlite:test.db']
    const { code, stdout, stderr } = await sluice(args, { cwd: gateway.folder.path })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`test.db is in use by process ${gateway.process.pid}`)
  })
})

it('one worker is the gateway itself', async () => {
  await using step = await startEchoStep()
  await using gateway = await startWorkers({ steps: [step.url], workers: 1 })
  expect((await gateway.admin('/readyz?verbose')).text).not.toContain('worker')
  expect(await post(gateway, 1)).toMatchObject({ status: 200, text: '{"n":1}' })
})

it('the breakers of all workers are listed, each with its worker', async () => {
  await using step = await startStep(500)
  const broken = { uri: step.url, delivery: { retry: 0 }, circuitBreaker: { volumeThreshold: 1 } }
  await using gateway = await startWorkers({ steps: [broken] })
  await many(40, n => post(gateway, n))
  const { items } = (await gateway.admin('/breakers')).json()
  expect(items).toContainEqual({ worker: 1, destination: `${step.url}/`, state: 'open' })
  expect(items).toContainEqual({ worker: 2, destination: `${step.url}/`, state: 'open' })
  expect(await metric(gateway, 'sluice_breaker_state')).toMatchObject([
    { labels: { destination: `${step.url}/` }, value: 2 }
  ])
})

it('a bulk replay waits while a breaker is open in a worker', async () => {
  let status = 400
  await using step = await startStep(() => status)
  const circuitBreaker = { volumeThreshold: 1, resetTimeout: 'PT60S' }
  await using gateway = await startWorkers({ steps: [{ uri: step.url, delivery: { retry: 0 }, circuitBreaker }] })
  const letters = async () => (await gateway.admin('/deadletters')).json().items.length
  const count = 30
  await many(count, n => accept(gateway, n))
  await waitFor(async () => (await letters()) === count, { what: 'the dead letters' })
  status = 503
  // The first of a worker fails and opens its breaker, those after it are held.
  await many(count, n => accept(gateway, n))
  await waitFor(async () => (await letters()) > count, { what: 'the failure that opened a breaker' })
  // Slow enough that the primary hears of the hold long before the end.
  const replay = await gateway.admin('/deadletters/replay?rate=10', 'POST')
  const job = async () => (await gateway.admin(String(replay.headers['location']))).json()
  await waitFor(async () => (await job()).status === 'paused', { what: 'the pause' })
  expect((await job()).replayed).toBeLessThan(count)
})

/** A local step that says which process answers, and notes each of its starts. */
const localStep = `
  require('node:fs').appendFileSync('starts', process.pid + '\\n')
  require('node:http').createServer((request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ pid: process.pid }))
  }).listen(process.env.PORT, process.env.HOST)`

it('a local step is started once for all workers, and found by all of them again after it died', async () => {
  const run = { command: ['node', '-e', localStep] }
  await using gateway = await startWorkers({ steps: [{ name: 'local', run, delivery: { retry: 20 } }] })
  const starts = async () => (await readFile(`${gateway.folder.path}/starts`, 'utf8')).trim().split('\n').map(Number)
  const answering = async () => new Set((await many(20, n => post(gateway, n))).map(({ text }) => text))
  const answers = await answering()
  const [first = 0, ...more] = await starts()
  expect([more, answers]).toEqual([[], new Set([`{"pid":${first}}`])])
  process.kill(first, 'SIGKILL')
  const second = await waitFor(async () => (await starts())[1], { what: 'the next start' })
  await waitFor(async () => (await answering()).size === 1, { what: 'answers of one process' })
  expect([await starts(), await answering()]).toEqual([[first, second], new Set([`{"pid":${second}}`])])
})
