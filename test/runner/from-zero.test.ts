import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { pipelineText, startTestGateway, testConfig } from '../helpers/gateway.ts'
import { ended, statusOf, submit } from '../helpers/submit.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startWorkers } from '../workers/gateway-with-workers.ts'
import { isRunning } from './is-running.ts'

/** Writes down that it has started, and how many calls it has at once; answers after `ms` with its process id. */
const model = (ms = 0): string => `
  const { appendFileSync } = require('node:fs')
  appendFileSync('starts', process.pid + '\\n')
  let calls = 0
  require('node:http').createServer((request, response) => {
    request.resume().on('end', () => {
      appendFileSync('calls', ++calls + ' ' + request.headers['ce-id'] + '\\n')
      setTimeout(() => { calls--; response.end(String(process.pid)) }, ${ms})
    })
  }).listen(process.env.PORT, process.env.HOST)`

const runOf = (folder: TempFolder, script: string, more: Record<string, unknown> = {}) => ({
  command: ['node', '-e', script],
  cwd: folder.path,
  ...more
})

// oxlint-disable-next-line typescript/no-explicit-any
const jsonOf = (response: Response): Promise<any> => response.json()

async function linesOf(folder: TempFolder, name: string): Promise<string[]> {
  const text = await readFile(`${folder.path}/${name}`, 'utf8').catch(() => '')
  return text.split('\n').filter(line => line !== '')
}

const pidsOf = async (folder: TempFolder): Promise<number[]> => (await linesOf(folder, 'starts')).map(Number)

/** It listens as soon as its folder has a file of the name `go`. */
const listensOnceTold = `const { existsSync } = require('node:fs')
  const start = () => existsSync('go') ? listen() : setTimeout(start, 10)
  const listen = () => require('node:http').createServer((request, response) => response.end('done'))
    .listen(process.env.PORT, process.env.HOST)
  start()`

describe('a step at zero', () => {
  it('has no process until its first request, which is held and answered', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startTestGateway({ steps: [{ run: runOf(folder, model()) }] })
    expect(await pidsOf(folder)).toEqual([])
    const response = await gateway.post()
    expect(response.status).toBe(200)
    expect(await pidsOf(folder)).toEqual([Number(await response.text())])
  })

  it('starts no more than max for 50 requests at once, and answers them all in their order', async () => {
    await using folder = await createTempFolder()
    const run = runOf(folder, model(5), { max: 2, concurrency: 1 })
    await using gateway = await startTestGateway({ steps: [{ run }] })
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await gateway.post()).status))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(await pidsOf(folder)).toHaveLength(2)
    const calls = await linesOf(folder, 'calls')
    expect(calls.map(line => line.split(' ')[0])).toEqual(Array.from({ length: 50 }, () => '1'))
  })

  it('is told by a stored request that waits for its first process', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startTestGateway({ steps: [{ name: 'local', run: runOf(folder, listensOnceTold) }] })
    const id = await submit(gateway)
    const waits = { status: 'held', waiting: { reason: 'step' } }
    await waitFor(async () => (await statusOf(gateway, id)).waiting !== undefined, { what: 'the wait' })
    expect(await statusOf(gateway, id)).toMatchObject({ ...waits, status: 'running', step: 'local', steps: [waits] })
    await folder.write('go', '')
    expect(await ended(gateway, id)).toMatchObject({ status: 'replied', steps: [{ status: 'replied' }] })
  })

  it.each([1, 2])('counts the calls that it holds as pending, with %d worker processes', async workers => {
    await using folder = await createTempFolder()
    await using gateway = await startTestGateway({
      steps: [{ run: runOf(folder, listensOnceTold) }],
      config: { workers }
    })
    const pending = async () => {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      return Number(/^sluice_pending\{pipeline="default\/test"\} (\d+)$/m.exec(text)?.[1] ?? 0)
    }
    const posted = Array.from({ length: 5 }, () => gateway.post())
    await waitFor(async () => (await pending()) === 5, { what: 'five that are held' })
    await folder.write('go', '')
    expect((await Promise.all(posted)).map(({ status }) => status)).toEqual(Array(5).fill(200))
    expect(await pending()).toBe(0)
  })

  it('goes back to zero when it is idle, and comes again', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startTestGateway({ steps: [{ run: runOf(folder, model(), { idle: '200ms' }) }] })
    const first = Number(await (await gateway.post()).text())
    await waitFor(() => !isRunning(first), { what: 'the end of the idle process' })
    const second = Number(await (await gateway.post()).text())
    expect(await pidsOf(folder)).toEqual([first, second])
  })

  it('runs min processes without a call, and as many as a load asks for', async () => {
    await using folder = await createTempFolder()
    const run = runOf(folder, model(50), { min: 1, max: 3 })
    await using gateway = await startTestGateway({ steps: [{ run }], spec: { scale: { target: 2 } } })
    expect(await pidsOf(folder)).toHaveLength(1)
    await Promise.all(Array.from({ length: 40 }, () => gateway.post()))
    await waitFor(async () => (await pidsOf(folder)).length === 3, { what: 'all three' })
  })

  it('counts the time that a request is held against its deadline, and against no timeout', async () => {
    await using folder = await createTempFolder()
    const slow = `setTimeout(() => { ${model()} }, 600)`
    const steps = [{ run: runOf(folder, slow), timeout: '300ms', delivery: { retry: 0 } }]
    await using gateway = await startTestGateway({ steps })
    expect((await gateway.post()).status).toBe(200)
    await using never = await startTestGateway({
      steps: [{ run: runOf(folder, 'setInterval(() => {}, 1000)') }],
      spec: { deadline: '300ms' }
    })
    const late = await never.post()
    expect([late.status, (await jsonOf(late)).code]).toEqual([504, 'DEADLINE_EXCEEDED'])
  })

  it('bounds all steps together: a step that is idle gives way to one that is called', async () => {
    await using folder = await createTempFolder()
    const steps = ['a', 'b', 'c'].map(name => ({ name, run: runOf(folder, model()) }))
    await using gateway = await startTestGateway({ steps, config: { maxProcesses: 1 } })
    expect((await gateway.post()).status).toBe(200)
    const pids = await pidsOf(folder)
    expect(pids).toHaveLength(3)
    expect(pids.filter(isRunning)).toHaveLength(1)
  })
})

describe('a step that cannot start', () => {
  const failing = { command: ['sh', '-c', 'echo no such model >&2; exit 3'] }

  it('is told to synchronous callers in its own words, and goes on as soon as it starts', async () => {
    await using folder = await createTempFolder()
    const run = { command: ['sh', '-c', `test -e ok || { echo no model >&2; exit 3; }; exec node server.cjs`] }
    await folder.write('server.cjs', model())
    await using gateway = await startTestGateway({ steps: [{ name: 'score', run: { ...run, cwd: folder.path } }] })
    const answer = await gateway.post()
    const problem = await jsonOf(answer)
    expect([answer.status, problem.code, problem.step]).toEqual([502, 'STEP_UNREACHABLE', 'score'])
    expect(problem.detail).toBe('step "score" could not be reached: its process ended with exit code 3: no model')
    expect(answer.headers.get('x-should-retry')).toBeNull()
    await folder.write('ok', '')
    await waitFor(async () => (await gateway.post()).status === 200, { what: 'the start that works' })
  })

  it('lets stored requests wait, who say that they wait for the step', async () => {
    await using gateway = await startTestGateway({ steps: [{ name: 'score', run: failing }] })
    const accepted = await gateway.post('{}', { headers: { prefer: 'respond-async' } })
    const { id } = await jsonOf(accepted)
    const statusOf = async () => jsonOf(await fetch(`${gateway.url}/default/test/requests/${id}`))
    const told = async () => {
      const { waiting } = await statusOf()
      return waiting?.lastError !== undefined && waiting
    }
    const waiting = await waitFor(told, { what: 'the reason' })
    expect(waiting.reason).toBe('step')
    expect(waiting.lastError.detail).toMatch(/its process ended with exit code 3: no such model$/)
    expect((await statusOf()).status).toBe('accepted')
  })
})

describe('kill -9 of a process under load', () => {
  const load = async (post: () => Promise<Response>, count: number): Promise<number[]> =>
    Promise.all(Array.from({ length: count }, async () => (await post()).status))

  it('costs no request that can be called again, synchronous or stored', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startTestGateway({ steps: [{ run: runOf(folder, model(100)) }] })
    const victim = Number(await (await gateway.post()).text())
    const sync = load(() => gateway.post(), 60)
    const stored = Promise.all(
      Array.from({ length: 60 }, async () => {
        const answer = await gateway.post('{}', { headers: { prefer: 'respond-async, wait=30' } })
        return answer.status
      })
    )
    await waitFor(async () => (await linesOf(folder, 'calls')).length > 60, { what: 'calls under way' })
    process.kill(victim, 'SIGKILL')
    expect(new Set([...(await sync), ...(await stored)])).toEqual(new Set([200]))
    expect(await pidsOf(folder)).toHaveLength(2)
  })

  it('costs none with workers either, whose places are those of one process', async () => {
    await using folder = await createTempFolder()
    const run = runOf(folder, model(30), { concurrency: 2 })
    await using gateway = await startWorkers({ steps: [{ run }] })
    const first = await gateway.call('/default/test', { method: 'POST', body: '{}' })
    const victim = Number(first.text)
    const all = Promise.all(
      Array.from({ length: 30 }, () => gateway.call('/default/test', { method: 'POST', body: '{}' }))
    )
    await waitFor(async () => (await linesOf(folder, 'calls')).length > 8, { what: 'calls under way' })
    process.kill(victim, 'SIGKILL')
    expect(new Set((await all).map(({ status }) => status))).toEqual(new Set([200]))
    const most = (await linesOf(folder, 'calls')).map(line => Number(line.split(' ')[0]))
    expect(Math.max(...most)).toBe(2)
  })
})

describe('a new version of a process', () => {
  const watched = async (folder: TempFolder, script: string) => {
    const file = await folder.write('test.json', pipelineText([{ run: runOf(folder, script) }]))
    const gateway = await startGateway(testConfig({ files: [file], watch: true }))
    const post = async (): Promise<string> =>
      (await fetch(`${gateway.url}/default/test`, { method: 'POST', body: '{}' })).text()
    const edit = (next: string) => folder.write('test.json', pipelineText([{ run: runOf(folder, next) }]))
    const path = '/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines/test/status'
    const ready = async () => (await jsonOf(await fetch(gateway.adminUrl + path))).conditions[0]
    return { post, edit, ready, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
  }
  const saying = (word: string): string =>
    `require('node:http').createServer((_, response) => response.end('${word}')).listen(process.env.PORT, process.env.HOST)`

  it('is started once beside the old one before it takes over, at min 0 too', async () => {
    await using folder = await createTempFolder()
    await using gateway = await watched(folder, saying('old'))
    expect(await gateway.post()).toBe('old')
    await gateway.edit(`require('node:fs').writeFileSync('new-started', ''); ${saying('new')}`)
    const answers = new Set<string>()
    await waitFor(
      async () => {
        const answer = await gateway.post()
        answers.add(answer)
        return answer === 'new'
      },
      { what: 'the new version' }
    )
    expect(answers).toEqual(new Set(['old', 'new']))
    expect(await readFile(`${folder.path}/new-started`, 'utf8')).toBe('')
  })

  it('that does not become ready leaves the old one in place', async () => {
    await using folder = await createTempFolder()
    await using gateway = await watched(folder, saying('old'))
    expect(await gateway.post()).toBe('old')
    await gateway.edit(
      `console.error('out of memory'); require('node:fs').appendFileSync('tries', 'x\\n'); process.exit(1)`
    )
    await waitFor(async () => (await linesOf(folder, 'tries')).length > 1, { what: 'two starts in vain' })
    expect(await gateway.post()).toBe('old')
    expect(await gateway.ready()).toMatchObject({
      type: 'Ready',
      status: 'True',
      reason: 'NewGenerationNotReady',
      message: expect.stringMatching(/the process of step "step-1" ended with exit code 1: out of memory$/)
    })
  })
})
