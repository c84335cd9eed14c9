import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { isRunning } from './is-running.ts'
import { aProcess, startRunner, writtenLine } from './step-runner.ts'

const ignoringTerm = `process.on('SIGTERM', () => {})`

/** A step whose child outlives it unless somebody ends it; both tell their ids, and the step listens. */
const family = (parent: string, child: string): string => `
  const script = ${JSON.stringify(`${child}; console.log('grandchild ' + process.pid); setInterval(() => {}, 1000)`)}
  require('node:child_process').spawn(process.execPath, ['-e', script], { stdio: 'inherit' })
  console.log('child ' + process.pid)
  ${parent}
  require('node:net').createServer().listen(process.env.PORT, process.env.HOST)`

const families: [string, string, string][] = [
  ['end at TERM', '', ''],
  ['ignore TERM', ignoringTerm, ignoringTerm],
  ['ignore TERM in the grandchild only', '', ignoringTerm]
]

it.each(families)('dispose ends grandchildren too, which %s', async (_name, parent, child) => {
  await using runner = startRunner(aProcess(family(parent, child)), process.env, 500)
  const pids = [/ child (\d+)/, / grandchild (\d+)/].map(async line => Number((await writtenLine(runner, line))[1]))
  const [step = 0, grandchild = 0] = await Promise.all(pids)
  expect([isRunning(step), isRunning(grandchild)]).toEqual([true, true])
  await runner[Symbol.asyncDispose]()
  await waitFor(() => !isRunning(step) && !isRunning(grandchild), { what: 'the end of both' })
})

it('dispose leaves a grandchild time to end well, also when its parent is gone', async () => {
  const slow = `process.on('SIGTERM', () => setTimeout(() => { console.log('ended well'); process.exit() }, 200))`
  await using runner = startRunner(aProcess(family('', slow)), process.env, 30_000)
  await writtenLine(runner, / grandchild (\d+)/)
  await runner[Symbol.asyncDispose]()
  expect(runner.lines).toContain('[comments/filter] ended well')
})

it('a grandchild does not outlive a step that died', async () => {
  await using runner = startRunner(aProcess(family('', '')))
  const grandchild = Number((await writtenLine(runner, / grandchild (\d+)/))[1])
  process.kill(Number((await writtenLine(runner, / child (\d+)/))[1]), 'SIGKILL')
  await waitFor(() => !isRunning(grandchild), { what: 'the end of the grandchild' })
})

it.each(families)('kill -9 of the gateway leaves nobody behind of those who %s', async (_name, parent, child) => {
  await using folder = await createTempFolder()
  const gateway = await folder.write(
    'gateway.ts',
    `
    import { createRunner } from ${JSON.stringify(new URL('../../src/runner/runner.ts', import.meta.url))}
    const log = { info() {}, warn() {} }
    const runner = createRunner({ log, output: { write: text => console.log(text), behind: false }, env: () => process.env, stopGraceMs: 1000, maxProcesses: 64 })
    runner.apply([${JSON.stringify(aProcess(family(parent, child)))}])
    console.log('not ready:', (await runner.settled()).length)`
  )
  await using running = await startProcess(process.execPath, [gateway])
  const pids = [/ child (\d+)/, / grandchild (\d+)/].map(async line => Number((await running.waitForLine(line))[1]))
  const [step = 0, grandchild = 0] = await Promise.all(pids)
  await running.waitForLine(/not ready: 0/)
  expect([isRunning(step), isRunning(grandchild)]).toEqual([true, true])

  running.kill('SIGKILL')
  await waitFor(() => !isRunning(step) && !isRunning(grandchild), { what: 'the end of both' })
})

it('nobody is left behind when the gateway is killed while a process starts', async () => {
  await using folder = await createTempFolder()
  const marker = `${folder.path}/pids`
  const script = `require('node:fs').appendFileSync(${JSON.stringify(marker)}, process.pid + ' '); setInterval(() => {}, 1000)`
  const gateway = await folder.write(
    'gateway.ts',
    `
    import { existsSync } from 'node:fs'
    import { createRunner } from ${JSON.stringify(new URL('../../src/runner/runner.ts', import.meta.url))}
    const runner = createRunner({ log: { info() {}, warn() {} }, output: { write() {}, behind: false }, env: () => process.env, stopGraceMs: 1000, maxProcesses: 64 })
    runner.apply(${JSON.stringify([0, 1, 2, 3].map(n => aProcess(script, { key: `default/p/${n}` })))})
    console.log('applied')
    while (!existsSync(${JSON.stringify(marker)})) await new Promise(resolve => setImmediate(resolve))
    process.kill(process.pid, 'SIGKILL')`
  )
  await using running = await startProcess(process.execPath, [gateway])
  await running.exit
  await waitFor(
    async () =>
      (await readFile(marker, 'utf8'))
        .trim()
        .split(' ')
        .every(pid => !isRunning(Number(pid))),
    {
      what: 'the end of all'
    }
  )
})
