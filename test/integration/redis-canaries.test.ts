import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { sluice } from '../cli/sluice.ts'
import { startCli } from '../helpers/cli.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A password that is another word in a URL. */
const password = 'canary/redis-20'
const written = encodeURIComponent(password)
const key = 'canary-env-21'
const token = 'canary-admin-22'
const canaries = [password, written, key, token]

const childProgram = `require('node:http').createServer((q, s) => s.end(JSON.stringify(process.env)))
  .listen(process.env.PORT)`
const definition = {
  apiVersion: 'sluice.dev/v1alpha1',
  kind: 'ServingPipeline',
  metadata: { name: 'child' },
  spec: { steps: [{ run: { command: ['node', '-e', childProgram] }, headers: { 'x-key': { env: 'MODEL_KEY' } } }] }
}

const found = (texts: readonly string[]): readonly string[] =>
  canaries.filter(canary => texts.some(text => text.includes(canary)))

describe('the password of a store in Redis', () => {
  it('is in no log, answer, banner, child or diagnosis, whatever goes wrong with Redis', async () => {
    await using folder = await createTempFolder()
    await folder.write('child.json', JSON.stringify(definition))
    await using redis = await startRedis({ args: ['--user', 'ledger', 'on', `>${password}`, '~*', '&*', '+@all'] })
    const root = new Redis(redis.url)
    root.on('error', () => {})
    using opened = new DisposableStack()
    opened.defer(() => root.disconnect())
    const store = redis.url.replace('//', `//ledger:${written}@`)
    const env = { SLUICE_STORE: store, SLUICE_ADMIN_TOKEN: token, MODEL_KEY: key }
    const args = ['run', 'child.json', '--port', '0', '--admin-port', '0', '--log-level', 'trace']
    await using gateway = await startCli(args, { cwd: folder.path, env })
    const [, url = '', adminUrl = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin (http[^,]+), /)
    const said: string[] = []
    const ask = async (
      target: string,
      init: { method?: string; body?: string; headers?: Record<string, string> } = {}
    ) => {
      const answer = await fetch(target, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
      said.push(`${JSON.stringify([...answer.headers])}\n${await answer.text()}`)
      return answer
    }
    const store1 = { method: 'POST', body: '{}', headers: { prefer: 'respond-async, wait=5' } }
    const everywhere = async (): Promise<void> => {
      await ask(`${url}/default/child`, store1)
      for (const path of ['/readyz?verbose', '/requests', '/deadletters', '/metrics']) await ask(`${adminUrl}${path}`)
    }
    await everywhere()
    expect(said[0]).toContain('"PATH"')
    // Connections that are let in no more, then none, then a server that is back.
    await root.call('ACL', 'SETUSER', 'ledger', 'resetpass', '>another')
    await root.call('CLIENT', 'KILL', 'USER', 'ledger')
    await waitFor(async () => (await ask(`${url}/default/child`, store1)).status === 503, { what: 'the refusal' })
    await everywhere()
    await redis.kill9()
    await everywhere()
    const diagnoses = [
      await sluice(['doctor', '--store', store]),
      await sluice(
        ['run', 'child.json', '--port', '0', '--admin-port', '0', '--store', store.replace(/:\d+$/, ':port')],
        { cwd: folder.path }
      ),
      await sluice(['run', 'child.json', '--port', '0', '--admin-port', '0', '--store', `${store}/?wrong=1`], {
        cwd: folder.path
      }),
      await sluice(['doctor', '--store', `redis://ledger:${written}@`])
    ]
    await redis.restart()
    diagnoses.push(await sluice(['doctor', '--store', store.replace(written, `${written}x`)]))
    diagnoses.push(
      await sluice(
        [
          'run',
          'child.json',
          '--port',
          '0',
          '--admin-port',
          '0',
          '--store',
          store.replace('ledger', 'nobody'),
          '--durability',
          'strict'
        ],
        {
          cwd: folder.path
        }
      )
    )
    const children = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && Number(name) !== gateway.pid)
    const lines = await Promise.all(children.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
    gateway.kill('SIGTERM')
    await gateway.exit
    expect(diagnoses.map(({ code }) => code)).not.toContain(0)
    expect(found(diagnoses.flatMap(({ stdout, stderr }) => [stdout, stderr]))).toEqual([])
    expect(diagnoses.at(-1)?.stderr).toMatch(/refused the user or the password/)
    expect(found([gateway.output.stdout, gateway.output.stderr])).toEqual([])
    expect(found(said)).toEqual([])
    expect(found(lines)).toEqual([])
  }, 90_000)
})

/** Loaded before the gateway: a defect of any part, with what it would have in its hands. */
const defects = `
const defect = () => {
  const cause = new Error('WRONGPASS for ' + process.env.MODEL_KEY + ' and ${password}')
  cause.command = { name: 'auth', args: ['ledger', '${password}'] }
  return Object.assign(new Error('nobody thought of ${password}', { cause }), { input: process.env.SLUICE_STORE })
}
process.on('SIGWINCH', () => { throw defect() })
process.on('SIGURG', () => { void Promise.reject(defect()) })
`

describe('a gateway that crashes', () => {
  const start = async (cwd: string, hooks: string): Promise<RunningProcess> => {
    const env = {
      ...process.env,
      SLUICE_STORE: `redis://ledger:${written}@127.0.0.1:9`,
      SLUICE_ADMIN_TOKEN: token,
      MODEL_KEY: key,
      NODE_OPTIONS: `--import=${hooks} --report-on-signal --report-signal=SIGUSR2`
    }
    const args = ['src/main.ts', 'run', join(cwd, 'child.json'), '--port', '0', '--admin-port', '0']
    return startProcess(process.execPath, [...args, '--store', `sqlite:${cwd}/child.db`], { env })
  }

  it.each(['SIGWINCH', 'SIGURG'] as const)('says where, and no secret: %s', async signal => {
    await using folder = await createTempFolder()
    await folder.write('child.json', JSON.stringify(definition))
    await using gateway = await start(folder.path, await folder.write('hooks.mjs', defects))
    await gateway.waitForLine(/^sluice ready on /)
    gateway.kill(signal)
    expect(await gateway.exit).toEqual({ code: 1, signal: null })
    expect(gateway.output.stderr).toMatch(/nobody caught this error/)
    expect(gateway.output.stderr).toMatch(/nobody thought of \[redacted\]/)
    expect(gateway.output.stderr).toMatch(/hooks\.mjs/)
    expect(found([gateway.output.stderr, gateway.output.stdout])).toEqual([])
  })

  it('has no secret in a report of Node', async () => {
    await using folder = await createTempFolder()
    await folder.write('child.json', JSON.stringify(definition))
    await using gateway = await start(
      folder.path,
      await folder.write('hooks.mjs', `process.report.directory = ${JSON.stringify(folder.path)}`)
    )
    await gateway.waitForLine(/^sluice ready on /)
    gateway.kill('SIGUSR2')
    const report = await waitFor(
      async () => {
        const name = (await readdir(folder.path)).find(file => file.startsWith('report.'))
        const text = name === undefined ? '' : await readFile(join(folder.path, name), 'utf8')
        return text.trimEnd().endsWith('}') && text
      },
      { what: 'the report' }
    )
    expect(report).toContain('"javascriptStack"')
    expect(found([report])).toEqual([])
  })
})
