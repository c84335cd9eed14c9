import { rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { callOnce } from '../workers/gateway-with-workers.ts'
import { statusWhen, conditionOf } from './apis.ts'

const startEcho = () => startStep(({ url }) => ({ body: url }))

const readyLine = /^sluice ready on (http:\/\/127\.0\.0\.1:\d+) \(admin (http:\/\/127\.0\.0\.1:\d+), store .+\)$/

async function run(args: readonly string[], cwd: string) {
  const cli = await startCli(['run', ...args, '--port', '0', '--admin-port', '0'], { cwd })
  const [, url = '', adminUrl = ''] = await cli.waitForLine(readyLine)
  return { cli, url, adminUrl, [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose]() }
}

/** The answer by a connection of its own, which any worker may get. */
const answerOf = async (url: string, name: string): Promise<string> =>
  (await callOnce(`${url}/default/${name}`, { method: 'POST', body: '{}' })).text

/** Each of many connections gets the answer. */
const allAnswer = (url: string, name: string, wanted: string): Promise<boolean> =>
  waitFor(
    async () => {
      const answers = await Promise.all(Array.from({ length: 24 }, () => answerOf(url, name)))
      return answers.every(answer => answer === wanted)
    },
    { what: `the answer ${wanted} of all` }
  )

describe('with --watch and workers', () => {
  it('all serve an edit, each once it is told, and a faulty one changes none of them', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await run(['a.json', '--watch', '--workers', '3'], folder.path)
    await allAnswer(gateway.url, 'a', '/1')
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    await allAnswer(gateway.url, 'a', '/2')
    await writeFile(file, 'no YAML: [')
    const status = await statusWhen(gateway, 'a', ({ conditions }) => conditions[1].status === 'False', 'fault')
    expect(conditionOf(status, 'Ready').status).toBe('True')
    await allAnswer(gateway.url, 'a', '/2')
    await writeFile(file, definitionText('a', [`${steps.url}/3`]))
    await allAnswer(gateway.url, 'a', '/3')
  })

  it('a worker that is started again serves what was edited meanwhile', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await run(['a.json', '--watch', '--workers', '2', '--log-format', 'json'], folder.path)
    const pids = () => [
      ...gateway.cli.output.stderr.matchAll(
        /"pid":(\d+).*"msg":"a worker serves"|"msg":"a worker serves".*"pid":(\d+)/g
      )
    ]
    await waitFor(() => pids().length === 2, { what: 'two workers' })
    const [first] = pids()
    process.kill(Number(first?.[1] ?? first?.[2]), 'SIGKILL')
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    await waitFor(() => pids().length === 3, { what: 'a third start' })
    await allAnswer(gateway.url, 'a', '/2')
  })
})

describe('two gateways that watch one folder, on one Redis', () => {
  it('both serve an edit, under one number', async () => {
    await using redis = await startRedis()
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    const start = () => startGateway(testConfig({ files: [folder.path], watch: true, store: redis.url }))
    await using one = await start()
    await using other = await start()
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    for (const { url } of [one, other]) await allAnswer(url, 'a', '/2')
    for (const gateway of [one, other]) {
      expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')).observedGeneration).toBe(2)
    }
    await writeFile(file, definitionText('a', [`${steps.url}/1`]))
    for (const gateway of [one, other]) {
      await statusWhen(gateway, 'a', ({ observedGeneration }) => observedGeneration === 1, 'the first generation again')
    }
  })
})

describe('SIGHUP', () => {
  it.each([1, 2])('has definitions read again, with %i worker processes', async workers => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await run(['a.json', '--workers', String(workers)], folder.path)
    await allAnswer(gateway.url, 'a', '/1')
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    gateway.cli.kill('SIGHUP')
    await allAnswer(gateway.url, 'a', '/2')
    await writeFile(file, '{ half')
    gateway.cli.kill('SIGHUP')
    await statusWhen(gateway, 'a', ({ conditions }) => conditions[1].status === 'False', 'fault')
    expect(await answerOf(gateway.url, 'a')).toBe('/2')
  })
})

describe('a folder that a ConfigMap is mounted at', () => {
  it('has all files of the new version at once, those that came and those that went', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('..v1/a.json', definitionText('a', [`${steps.url}/1`]))
    await folder.write('..v1/b.json', definitionText('b', [`${steps.url}/b`]))
    await folder.write('..v2/a.json', definitionText('a', [`${steps.url}/2`]))
    await folder.write('..v2/c.json', definitionText('c', [`${steps.url}/c`]))
    await symlink('..v1', join(folder.path, '..data'))
    for (const name of ['a', 'b']) await symlink(join('..data', `${name}.json`), join(folder.path, `${name}.json`))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    await allAnswer(gateway.url, 'b', '/b')
    await symlink('..v2', join(folder.path, '..new'))
    await symlink(join('..data', 'c.json'), join(folder.path, 'c.json'))
    await rename(join(folder.path, '..new'), join(folder.path, '..data'))
    await allAnswer(gateway.url, 'a', '/2')
    await allAnswer(gateway.url, 'c', '/c')
    await waitFor(async () => (await answerOf(gateway.url, 'b')).includes('PIPELINE_NOT_FOUND'), {
      what: 'the end of b'
    })
  })
})
