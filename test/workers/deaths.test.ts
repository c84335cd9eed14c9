import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sluice } from '../cli/sluice.ts'
import { createGate } from '../helpers/gate.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startSuccessor } from '../helpers/killable-gateway.ts'
import { refused } from '../helpers/refused.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { isRunning } from '../runner/is-running.ts'
import { parseExposition } from '../telemetry/exposition.ts'
import {
  accept,
  callOnce,
  definition,
  many,
  post,
  startWorkers,
  type GatewayWithWorkers
} from './gateway-with-workers.ts'

const ended = (pids: readonly number[]) => waitFor(() => !pids.some(isRunning), { what: `the end of ${pids.join()}` })

const ready = ({ admin }: GatewayWithWorkers) =>
  waitFor(async () => (await admin('/readyz')).status === 200, { what: 'all workers', timeoutMs: 30_000 })

/** A step that holds every call until it is let go, and the numbers that it was called with. */
async function startHeldStep() {
  const gate = createGate()
  const step = await startStep(async ({ body }) => {
    await gate.opened
    return { headers: { 'content-type': 'application/json' }, body }
  })
  return { step, open: gate.open, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

const numbersOf = ({ requests }: StepServer): number[] => requests.map(({ body }) => JSON.parse(body.toString()).n)

describe('kill -9 of a worker', () => {
  it('loses nothing that was accepted: what it had claimed on SQLite is run again at once', async () => {
    await using held = await startHeldStep()
    await using gateway = await startWorkers({ steps: [held.step.url] })
    const [victim = 0] = await gateway.pids()
    const count = 24
    const paths = await many(count, n => accept(gateway, n))
    await held.step.waitForRequests(count)
    process.kill(victim, 'SIGKILL')
    // Leases last 10 s: what comes sooner did not wait for them to run out.
    await waitFor(() => held.step.requests.length > count, { what: 'a second delivery', timeoutMs: 8_000 })
    held.open()
    const statusOf = async (path: string) => (await gateway.call(path)).json()
    for (const path of paths) {
      await waitFor(async () => (await statusOf(path)).status === 'replied', { what: `the reply of ${path}` })
    }
    const deliveries = await Promise.all(paths.map(async path => (await statusOf(path)).deliveries))
    expect(new Set(deliveries)).toEqual(new Set([1, 2]))
    expect(new Set(numbersOf(held.step))).toEqual(new Set(Array.from({ length: count }, (_, n) => n)))
    expect(held.step.requests).toHaveLength(deliveries.reduce((sum, each) => sum + each, 0))
  })

  it('loses nothing that was accepted: what it had claimed on Redis is taken over', { timeout: 60_000 }, async () => {
    await using redis = await startRedis()
    await using held = await startHeldStep()
    await using gateway = await startWorkers({ steps: [held.step.url], store: redis.url })
    const [victim = 0] = await gateway.pids()
    const count = 24
    const paths = await many(count, n => accept(gateway, n))
    await held.step.waitForRequests(count)
    process.kill(victim, 'SIGKILL')
    held.open()
    for (const path of paths) {
      const replied = async () => (await gateway.call(path)).json().status === 'replied'
      await waitFor(replied, { what: `the reply of ${path}`, timeoutMs: 40_000 })
    }
    expect(held.step.requests.length).toBeGreaterThan(count)
  })
})

/** One after the other on the same gateway, whose workers all come back. */
describe('the end of a worker that has nothing in hand', () => {
  const opened = new AsyncDisposableStack()
  let gateway: GatewayWithWorkers
  const startsSoFar = () => gateway.log().filter(({ msg }) => msg === 'a worker serves').length
  /** Of the workers, when one more than there were has been started. */
  const nextPids = () => gateway.pids(starts + 1)
  let starts = 0
  beforeAll(async () => {
    const step = opened.use(await startEchoStep())
    gateway = opened.use(await startWorkers({ steps: [step.url] }))
    await gateway.pids()
  })
  beforeEach(() => void (starts = startsSoFar()))
  afterAll(() => opened.disposeAsync())

  it('is told by /readyz until it is back, and its counts stay', async () => {
    const [victim = 0, other] = await gateway.pids()
    await many(40, n => post(gateway, n))
    const counted = async () => {
      const { text } = await gateway.admin('/metrics')
      return parseExposition(text).get('sluice_requests_total')?.samples[0]?.value
    }
    expect(await counted()).toBe(40)
    process.kill(victim, 'SIGKILL')
    const { text } = await waitFor(
      async () => {
        const answer = await gateway.admin('/readyz')
        return answer.status === 503 && answer
      },
      { what: 'the fault' }
    )
    expect(text).toMatch(/^\[-\] worker 1: (was ended by SIGKILL|is starting)$/m)
    expect(text).toContain('[+] worker 2 ok')
    expect(await counted()).toBe(40)
    await ready(gateway)
    const [again, same] = await nextPids()
    expect([again === victim, same]).toEqual([false, other])
    await many(40, n => post(gateway, n))
    expect(await counted()).toBe(80)
    expect(gateway.log()).toContainEqual(
      expect.objectContaining({ worker: 1, reason: 'was ended by SIGKILL', msg: expect.stringContaining('again') })
    )
  })

  it('does not keep the others from serving', async () => {
    const before = gateway.log().filter(({ reason }) => reason === 'was ended by SIGKILL').length
    const [victim = 0] = await gateway.pids()
    process.kill(victim, 'SIGKILL')
    // Once the primary knows of it, the kernel too has no connection for it any more.
    await waitFor(() => gateway.log().filter(({ reason }) => reason === 'was ended by SIGKILL').length > before, {
      what: 'its end'
    })
    const answers = await many(20, n => post(gateway, n))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await ready(gateway)
  })

  it('brings back one that serves the same definitions, whatever is in the files now', async () => {
    const [victim = 0] = await gateway.pids()
    await gateway.folder.write('test.json', definition({ steps: [{ transform: '"other"' }] }))
    process.kill(victim, 'SIGKILL')
    await nextPids()
    const answers = await many(20, n => post(gateway, n))
    expect(answers.map(({ text }) => text)).toEqual(answers.map((_, n) => `{"n":${n}}`))
    await ready(gateway)
  })

  it('by SIGTERM is a drain, after which it is started again', async () => {
    const [one = 0] = await gateway.pids()
    process.kill(one, 'SIGTERM')
    const [next] = await nextPids()
    await ready(gateway)
    expect([next === one, (await post(gateway, 1)).text]).toEqual([false, '{"n":1}'])
    expect(gateway.log()).toContainEqual(expect.objectContaining({ worker: 1, reason: 'ended with exit code 0' }))
  })
})

it('a gateway does not start when a worker cannot', async () => {
  await using folder = await createTempFolder()
  await folder.write('test.json', definition({ steps: [{ transform: 'data' }] }))
  const code = `import cluster from 'node:cluster'; if (cluster.worker?.id === 2) process.exit(3)`
  const probe = await folder.write('probe.mjs', code)
  const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--workers', '2']
  const env = { NODE_OPTIONS: `--import ${probe}` }
  const gateway = await sluice(args, { cwd: folder.path, env })
  expect([gateway.code, gateway.stdout]).toEqual([1, ''])
  expect(gateway.stderr).toContain('a worker ended with exit code 3 before it served')
})

describe('kill -9 of the primary', () => {
  it('ends the workers and the local steps', async () => {
    const script = `
      console.log('step ' + process.pid)
      require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST)`
    await using gateway = await startWorkers({
      steps: [{ name: 'local', run: { command: ['node', '-e', script], min: 1 } }]
    })
    const [, step] = await gateway.process.waitForLine(/ step (\d+)$/)
    const pids = [...(await gateway.pids()), Number(step)]
    expect(pids.filter(isRunning)).toEqual(pids)
    gateway.process.kill('SIGKILL')
    await ended(pids)
  })

  it('loses nothing that was accepted', async () => {
    await using held = await startHeldStep()
    await using former = await startWorkers({ steps: [held.step.url] })
    const count = 12
    const paths = await many(count, n => accept(former, n))
    await held.step.waitForRequests(count)
    const pids = await former.pids()
    former.process.kill('SIGKILL')
    await ended(pids)
    held.open()
    const store = `sqlite:${former.folder.path}/test.db`
    await using gateway = await startSuccessor({ steps: [held.step.url], store })
    for (const path of paths) {
      const replied = async () => (await callOnce(gateway.url + path)).json().status === 'replied'
      await waitFor(replied, { what: `the reply of ${path}` })
    }
  })
})

describe('a signal', () => {
  it.each([
    { signal: 'SIGTERM', to: 'the primary', alsoToWorkers: false },
    // Control-C in a terminal.
    { signal: 'SIGINT', to: 'all processes', alsoToWorkers: true }
  ] as const)('$signal to $to lets all workers finish, then all is over', async ({ signal, alsoToWorkers }) => {
    await using held = await startHeldStep()
    await using gateway = await startWorkers({ steps: [held.step.url] })
    const pids = await gateway.pids()
    const count = 20
    const answers = many(count, n => post(gateway, n))
    await held.step.waitForRequests(count)
    gateway.process.kill(signal)
    if (alsoToWorkers) for (const pid of pids) process.kill(pid, signal)
    await refused(gateway.url)
    // The primary may hear its signal later than the workers theirs.
    const unready = async () => (await gateway.admin('/readyz')).status === 503
    await waitFor(unready, { what: 'a gateway that is not ready' })
    held.open()
    expect((await answers).map(({ text }) => text)).toEqual(Array.from({ length: count }, (_, n) => `{"n":${n}}`))
    expect(await gateway.process.exit).toEqual({ code: 0, signal: null })
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('hands stored requests back that do not finish in the grace', async () => {
    await using held = await startHeldStep()
    await using gateway = await startWorkers({ steps: [held.step.url], args: ['--shutdown-grace', '200ms'] })
    const paths = await many(12, n => accept(gateway, n))
    await held.step.waitForRequests(12)
    gateway.process.kill('SIGTERM')
    expect(await gateway.process.exit).toEqual({ code: 0, signal: null })
    held.open()
    const store = `sqlite:${gateway.folder.path}/test.db`
    await using next = await startSuccessor({ steps: [held.step.url], store })
    for (const path of paths) {
      const replied = async () => {
        const { status, deliveries } = (await callOnce(next.url + path)).json()
        return status === 'replied' && { deliveries }
      }
      expect(await waitFor(replied, { what: `the reply of ${path}` })).toEqual({ deliveries: 1 })
    }
  })

  it('the second ends everything at once', async () => {
    await using held = await startHeldStep()
    await using gateway = await startWorkers({ steps: [held.step.url] })
    const pids = await gateway.pids()
    const answers = Promise.allSettled([post(gateway, 1)])
    await held.step.waitForRequests(1)
    gateway.process.kill('SIGTERM')
    await refused(gateway.url)
    gateway.process.kill('SIGTERM')
    expect(await gateway.process.exit).toEqual({ code: 143, signal: null })
    await ended(pids)
    expect(await answers).toMatchObject([{ status: 'rejected' }])
  })

  it('ends a worker that hangs, too, and until then the admin plane answers', async () => {
    await using step = await startEchoStep()
    await using gateway = await startWorkers({ steps: [step.url], args: ['--shutdown-grace', '100ms'] })
    const [hanging = 0] = await gateway.pids()
    process.kill(hanging, 'SIGSTOP')
    const { status, text } = await gateway.admin('/metrics')
    expect([status, text]).toEqual([200, expect.stringContaining('process_resident_memory_bytes')])
    gateway.process.kill('SIGTERM')
    expect(await gateway.process.exit).toEqual({ code: 0, signal: null })
    await ended([hanging])
  })
})
