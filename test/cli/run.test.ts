import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { createGate } from '../helpers/gate.ts'
import { refused } from '../helpers/refused.ts'
import { freePort } from '../helpers/loopback.ts'
import { startProcess } from '../helpers/process.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

describe('wrong usage', () => {
  it('is told at once, with all that is wrong in flags, environment and file', async () => {
    await using folder = await createTempFolder()
    await folder.write('sluice.yaml', 'files: [pipelines]\nprot: 1\n')
    const options = { cwd: folder.path, env: { SLUICE_LOG_LEVEL: 'loud' } }
    expect(await sluice(['run', '--port', 'http', '--workers', '65'], options)).toEqual({
      code: 2,
      stdout: '',
      stderr: `--port: must be a port from 0 to 65535 (0: a free one), found 'http'
--workers: must be a whole number from 1 to 64, found the number 65
SLUICE_LOG_LEVEL: must be trace, debug, info, warn, error or silent, found 'loud'
sluice.yaml:2:1 prot: unknown setting; did you mean 'port'?
`
    })
  })

  it.each([
    { by: '--config', args: ['--config', 'conf/gateway.yaml'], env: {} },
    { by: 'SLUICE_CONFIG', args: [], env: { SLUICE_CONFIG: 'conf/gateway.yaml' } }
  ])('can be in the file that $by names', async ({ args, env }) => {
    await using folder = await createTempFolder()
    await folder.write('conf/gateway.yaml', 'files: [pipeline.yaml]\nport: http\n')
    const { code, stderr } = await sluice(['run', ...args], { cwd: folder.path, env })
    expect([code, stderr]).toMatchObject([2, expect.stringMatching(/^conf\/gateway\.yaml:2:1 port: must be a port/)])
  })
})

it('fails when the configuration file that is named is not there', async () => {
  const { code, stderr } = await sluice(['run', 'pipeline.yaml', '--config', 'no-such-file.yaml'])
  expect([code, stderr]).toEqual([1, 'cannot read no-such-file.yaml: no such file or directory\n'])
})

/** A pipeline of one step, in a folder of its own. */
async function pipelineFolder(stepUrl: string): Promise<TempFolder> {
  const folder = await createTempFolder()
  await folder.write(
    'echo.yaml',
    `apiVersion: sluice.dev/v1alpha1\nkind: ServingPipeline\nmetadata: {name: echo}\nspec: {steps: [{uri: ${stepUrl}}]}\n`
  )
  return folder
}

const freePorts = ['--port', '0', '--admin-port', '0']
const readyLine = /^sluice ready on (http:\/\/127\.0\.0\.1:\d+) \(admin (http:\/\/127\.0\.0\.1:\d+), store .+\)$/

describe('a gateway', () => {
  it('says in one line where it serves, and ends well at a signal', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'echo' })
    await using folder = await pipelineFolder(step.url)
    await using gateway = await startCli(['run', 'echo.yaml', ...freePorts], { cwd: folder.path })
    const [line, url = '', adminUrl = ''] = await gateway.waitForLine(readyLine)
    const reply = await fetch(`${url}/default/echo`, { method: 'POST' })
    const health = await fetch(`${adminUrl}/readyz`)
    expect([await reply.text(), health.status]).toEqual(['echo', 200])
    gateway.kill('SIGTERM')
    expect([await gateway.exit, gateway.output.stdout]).toEqual([{ code: 0, signal: null }, `${line}\n`])
  })

  it('lets what is in flight finish at a signal', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'late' }
    })
    await using folder = await pipelineFolder(step.url)
    await using gateway = await startCli(['run', 'echo.yaml', ...freePorts], { cwd: folder.path })
    const [, url = ''] = await gateway.waitForLine(readyLine)
    const reply = fetch(`${url}/default/echo`, { method: 'POST' })
    await step.waitForRequests(1)
    gateway.kill('SIGINT')
    await refused(url)
    gate.open()
    expect([await (await reply).text(), await gateway.exit]).toEqual(['late', { code: 0, signal: null }])
  })

  it.each([
    { signal: 'SIGTERM', code: 143 },
    { signal: 'SIGINT', code: 130 }
  ] as const)('ends at once at a second $signal', async ({ signal, code }) => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using folder = await pipelineFolder(step.url)
    await using gateway = await startCli(['run', 'echo.yaml', ...freePorts], { cwd: folder.path })
    const [, url = ''] = await gateway.waitForLine(readyLine)
    const reply = fetch(`${url}/default/echo`, { method: 'POST' }).catch((error: unknown) => error)
    await step.waitForRequests(1)
    gateway.kill('SIGTERM')
    await refused(url)
    gateway.kill(signal)
    expect([await gateway.exit, await reply]).toEqual([{ code, signal: null }, expect.any(Error)])
  })

  it.each([
    { defect: 'an error that nobody caught', code: `throw new Error('boom')` },
    { defect: 'a rejection that nobody handled', code: `Promise.reject(new Error('boom'))` }
  ])('logs $defect, and ends', async ({ code }) => {
    await using step = await startStep(200)
    await using folder = await pipelineFolder(step.url)
    const probe = await folder.write('probe.mjs', `process.on('SIGUSR2', () => { ${code} })`)
    const options = { cwd: folder.path, env: { NODE_OPTIONS: `--import ${probe}` } }
    await using gateway = await startCli(['run', 'echo.yaml', ...freePorts], options)
    await gateway.waitForLine(readyLine)
    gateway.kill('SIGUSR2')
    expect(await gateway.exit).toEqual({ code: 1, signal: null })
    const last = gateway.output.stderr.trimEnd().split('\n').at(-1) ?? ''
    expect(JSON.parse(last)).toMatchObject({
      level: 50,
      msg: 'the gateway ends: nobody caught this error',
      err: { message: 'boom' }
    })
  })

  it('does not start on a port that is in use', async () => {
    await using other = await startStep(200)
    await using folder = await pipelineFolder(other.url)
    const { port } = new URL(other.url)
    const args = ['run', 'echo.yaml', '--port', port, '--admin-port', '0']
    const { code, stdout, stderr } = await sluice(args, { cwd: folder.path })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use; choose another with --port`)
  })

  it('does not start with a faulty definition, and tells every fault', async () => {
    await using folder = await pipelineFolder('nonsense')
    const { code, stdout, stderr } = await sluice(['run', '.', ...freePorts], { cwd: folder.path })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^echo\.yaml:4:22 spec\.steps\[0\]\.uri: /m)
  })
})

/** The sources, as a checkout runs them; other tests run what is built of them. */
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

it('serves definitions from stdin', async () => {
  await using step = await startStep(200)
  await using folder = await pipelineFolder(step.url)
  const serving = `"$0" "$1" run - --port 0 --admin-port 0 < echo.yaml`
  await using shell = await startProcess('sh', ['-c', `exec ${serving}`, process.execPath, main], { cwd: folder.path })
  const [, url = ''] = await shell.waitForLine(readyLine)
  expect((await fetch(`${url}/default/echo`, { method: 'POST' })).status).toBe(204)
})

it('says that its output cannot be written, and serves all the same', async () => {
  await using step = await startStep(200)
  await using folder = await pipelineFolder(step.url)
  const port = await freePort()
  const serving = `"$0" "$1" run echo.yaml --port ${port} --admin-port 0 > /dev/full`
  await using shell = await startProcess('sh', ['-c', `exec ${serving}`, process.execPath, main], { cwd: folder.path })
  await shell.waitForLine(/^standard output cannot be written: ENOSPC/)
  expect((await fetch(`http://127.0.0.1:${port}/default/echo`, { method: 'POST' })).status).toBe(204)
  shell.kill('SIGTERM')
  expect((await shell.exit).code).toBe(1)
})
