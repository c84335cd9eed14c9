import { expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { isRunning } from './is-running.ts'
import { aProcess, server, startRunner, writtenLine } from './step-runner.ts'

const familyLine = /step (\d+) guard (\d+)/
const telling = `console.log('step ' + process.pid + ' guard ' + process.ppid); ${server}`
const manners: [string, string][] = [
  ['ends at TERM', telling],
  ['ignores TERM', `process.on('SIGTERM', () => {}); ${telling}`]
]

it.each(manners)('kill -9 of its guard ends a step that %s, and it is started again', async (_name, script) => {
  await using runner = startRunner(aProcess(script), process.env, 500)
  await runner.ready()
  const [, step, guard] = await writtenLine(runner, familyLine)
  process.kill(Number(guard), 'SIGKILL')
  await waitFor(() => !isRunning(Number(step)), { what: 'the end of the step' })
  const url = await runner.ready()
  const next = Number(await (await fetch(url)).text())
  expect(next).not.toBe(Number(step))
  expect(isRunning(next)).toBe(true)
})

it.each(manners)('kill -9 of guard and gateway ends a step that %s', async (_name, script) => {
  await using folder = await createTempFolder()
  const gateway = await folder.write(
    'gateway.ts',
    `
    import { createRunner } from ${JSON.stringify(new URL('../../src/runner/runner.ts', import.meta.url))}
    const log = { info() {}, warn() {} }
    const runner = createRunner({ log, output: { write: text => console.log(text), behind: false }, env: () => process.env, stopGraceMs: 1000, maxProcesses: 64 })
    runner.apply([${JSON.stringify(aProcess(script))}])
    console.log('not ready:', (await runner.settled()).length)`
  )
  await using running = await startProcess(process.execPath, [gateway])
  await running.waitForLine(/not ready: 0/)
  const [, step, guard] = await running.waitForLine(familyLine)
  running.kill('SIGSTOP')
  process.kill(Number(guard), 'SIGKILL')
  running.kill('SIGKILL')
  await waitFor(() => !isRunning(Number(step)), { what: 'the end of the step' })
})

it('a step ends in its own way at TERM', async () => {
  const polite = `process.on('SIGTERM', () => { console.log('ended well'); process.exit() }); ${server}`
  await using runner = startRunner(aProcess(polite), process.env, 30_000)
  await runner.ready()
  await runner[Symbol.asyncDispose]()
  expect(runner.lines).toContain('[comments/filter] ended well')
})
