import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { isRunning } from './is-running.ts'
import { aProcess, server, startRunner, writtenLine } from './step-runner.ts'

const pidAt = async (url: string): Promise<number> => Number(await (await fetch(url)).text())

describe('a step process', () => {
  it('is ready when its port accepts a connection', async () => {
    await using runner = startRunner(aProcess(server))
    expect(runner.locate('default/comments/filter')).toEqual({
      kind: 'unavailable',
      reason: 'its process is starting'
    })
    expect(await runner.settled()).toEqual([])
    expect(isRunning(await pidAt(await runner.ready()))).toBe(true)
  })

  it('is ready when its path answers 2xx, and not while it answers anything else', async () => {
    const script = `
      let calls = 0
      require('node:http').createServer((request, response) => {
        calls++
        response.statusCode = request.url !== '/healthz' ? 404 : calls < 3 ? 503 : 204
        response.setHeader('calls', calls).end()
      }).listen(process.env.PORT, process.env.HOST)`
    await using runner = startRunner(aProcess(script, { readinessPath: '/healthz' }))
    const url = await runner.ready()
    expect(Number((await fetch(url)).headers.get('calls'))).toBe(4)
  })

  it('that is not ready in time says so, and is ended and started again', async () => {
    const command = ['sh', '-c', 'echo pid $$; exec sleep 1000']
    await using runner = startRunner(aProcess('', { command, readinessTimeoutMs: 1000 }))
    const [{ step, reason } = { step: '', reason: '' }] = await runner.settled()
    expect(step).toBe('default/comments/filter')
    expect(reason).toMatch(/^its process did not accept a connection at its PORT \(\d+\) within 1000 ms$/)
    const pids = await waitFor(() => runner.lines.length > 1 && runner.lines.map(line => Number(line.split(' ')[2])), {
      what: 'the second start'
    })
    expect(isRunning(pids[0]!)).toBe(false)
  })

  it('names the path that does not answer', async () => {
    await using runner = startRunner(aProcess(server, { readinessPath: '/x', readinessTimeoutMs: 1 }))
    await runner.unavailable(/^its process did not answer GET \/x with a 2xx status at its PORT \(\d+\) within 1 ms$/)
  })

  it('that dies is started again, at the same port', async () => {
    await using runner = startRunner(aProcess(server))
    const url = await runner.ready()
    const pid = await pidAt(url)
    process.kill(pid, 'SIGKILL')
    await runner.unavailable(/^its process was ended by SIGKILL$/)
    expect(await runner.ready()).toBe(url)
    expect(await pidAt(url)).not.toBe(pid)
  })

  it('gets another port if somebody else took its own meanwhile', async () => {
    const script = `${server}; require('node:fs').existsSync('die') && process.exit(1)`
    await using folder = await createTempFolder()
    await using runner = startRunner(aProcess(script, { cwd: folder.path }))
    const url = await runner.ready()
    const { port } = new URL(url)
    const pid = await pidAt(url)
    await folder.write('die', '')
    process.kill(pid, 'SIGKILL')
    await using other = createServer()
    const listening = (): Promise<boolean> =>
      new Promise(resolve => {
        other.once('error', () => resolve(false)).listen(Number(port), '127.0.0.1', () => resolve(true))
      })
    await waitFor(listening, { what: 'the port of the dead process' })
    await rm(join(folder.path, 'die'))
    const elsewhere = await waitFor(async () => (await runner.ready()) !== url && runner.ready(), {
      what: 'another port'
    })
    expect(isRunning(await pidAt(elsewhere))).toBe(true)
  })

  it('runs in its folder, with its own environment and none of the secrets of the gateway', async () => {
    await using folder = await createTempFolder()
    const script = `
      const { PORT, HOST, MODEL, HOME, SLUICE_AUTH_TOKEN = 'unset' } = process.env
      console.log([PORT > 0, HOST, MODEL, HOME, SLUICE_AUTH_TOKEN, process.cwd(), process.execPath].join())`
    const spec = aProcess(script, { cwd: folder.path, env: { MODEL: 'small' } })
    await using runner = startRunner(spec, { HOME: '/somewhere', SLUICE_AUTH_TOKEN: 'secret' })
    const [, line] = await writtenLine(runner, /^\[comments\/filter\] (.*)$/)
    expect(line).toBe(`true,127.0.0.1,small,/somewhere,unset,${folder.path},${process.execPath}`)
  })

  it('has an empty standard input', async () => {
    await using runner = startRunner(aProcess(`console.log('read', require('node:fs').readFileSync(0).length)`))
    expect(await writtenLine(runner, /read 0/)).toBeTruthy()
  })

  it('gets its arguments to the letter', async () => {
    const args = ['a  b', '$HOME `id` $(id)', '"quoted\'', '*', '', 'two\nlines', '; exit']
    const script = 'console.log(JSON.stringify(process.argv.slice(1)))'
    await using runner = startRunner(aProcess('', { command: ['node', '-e', script, ...args] }))
    const [, line = ''] = await writtenLine(runner, /filter\] (.*)$/)
    expect(JSON.parse(line)).toEqual(args)
  })

  it('has its name in front of each line that it writes, partial ones included', async () => {
    const script = `process.stdout.write('one\\ntw'); setTimeout(() => process.stdout.write('o\\nlast'), 20); console.error('wrong')`
    await using runner = startRunner(aProcess(script))
    await writtenLine(runner, /last/)
    expect(runner.lines.slice(0, 4).sort()).toEqual(
      ['last', 'one', 'two', 'wrong'].map(line => `[comments/filter] ${line}`)
    )
  })

  it('of another namespace has that in front too', async () => {
    await using runner = startRunner(aProcess(`console.log('hello')`, { step: 'team/comments/filter' }))
    await writtenLine(runner, /^\[team\/comments\/filter\] hello$/)
  })
})

describe('a step process that cannot run', () => {
  const reasons: [string, Parameters<typeof aProcess>[1], string][] = [
    [
      'is not found',
      { command: ['nodee', 'x.js'] },
      `could not be started: 'nodee' was not found in the folders of PATH`
    ],
    [
      'is a built-in of the shell',
      { command: ['cd', '/'] },
      `could not be started: 'cd' was not found in the folders of PATH`
    ],
    ['is not executable', { command: ['/etc/passwd'] }, `could not be started: '/etc/passwd' is not executable`],
    ['has no folder', { cwd: '/no/such/folder' }, 'could not be started: there is no folder /no/such/folder'],
    ['ends at once', { command: ['sh', '-c', 'exit 0'] }, 'ended with exit code 0'],
    [
      'exits with 127 itself',
      { command: ['sh', '-c', 'echo no model >&2; exit 127'] },
      'ended with exit code 127: no model'
    ]
  ]
  it.each(reasons)('says why: it %s', async (_name, spec, reason) => {
    await using runner = startRunner(aProcess('', spec))
    expect(await runner.settled()).toEqual([{ step: 'default/comments/filter', reason: `its process ${reason}` }])
  })

  it('names the error among the last lines of standard error', async () => {
    await using runner = startRunner(
      aProcess('', { command: ['node', 'missing.ts'], cwd: dirname(import.meta.filename) })
    )
    await runner.unavailable(/^its process ended with exit code 1: Error: Cannot find module '.*missing\.ts'$/)
  })
})

describe('a runner', () => {
  it('keeps what has not changed, replaces what has, and stops what is no longer named', async () => {
    const [kept, changed, dropped] = ['kept', 'changed', 'dropped'].map(step =>
      aProcess(server, { key: `default/p/${step}` })
    )
    await using runner = startRunner(kept!)
    runner.apply([kept!, changed!, dropped!])
    expect(await runner.settled()).toEqual([])
    const before = await Promise.all([kept!, changed!, dropped!].map(async ({ key }) => pidAt(await runner.ready(key))))

    const anew = { ...changed!, key: 'default/p/anew', env: { A: '1' } }
    runner.apply([{ ...kept! }, anew])
    expect(await runner.settled()).toEqual([])
    expect(await pidAt(await runner.ready(kept!.key))).toBe(before[0])
    expect(await pidAt(await runner.ready(anew.key))).not.toBe(before[1])
    expect(runner.locate(dropped!.key)).toEqual({ kind: 'unavailable', reason: 'its process is stopped' })
    await waitFor(() => !isRunning(before[1]!) && !isRunning(before[2]!), { what: 'the end of the old processes' })
  })

  it('can be disposed before a process is ready, and twice', async () => {
    await using runner = startRunner(aProcess(`console.log('pid ' + process.pid); setInterval(() => {}, 1000)`))
    await runner[Symbol.asyncDispose]()
    expect(await runner.settled()).toEqual([])
    for (const line of runner.lines) expect(isRunning(Number(line.split(' ')[2]))).toBe(false)
  })

  it('does not wait for the grace when it is disposed at once', async () => {
    await using runner = startRunner(aProcess(`setInterval(() => {}, 1000)`), process.env, 600_000)
    await runner[Symbol.asyncDispose]()
  })
})
