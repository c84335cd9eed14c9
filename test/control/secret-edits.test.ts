import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

it('an edit that names a secret of the environment hides it from the children that are started from then on', async () => {
  await using folder = await createTempFolder()
  const script = `require('node:http').createServer((q, r) => r.end(process.env.A_SECRET ?? 'none')).listen(process.env.PORT, '127.0.0.1')`
  const textOf = (version: string, headers = {}) =>
    definitionText('a', [
      { name: 's', run: { command: [process.execPath, '-e', script], env: { VERSION: version } }, headers }
    ])
  const file = await folder.write('a.json', textOf('1'))
  const processEnv = { ...process.env, A_SECRET: 'seen' }
  await using gateway = await startGateway(testConfig({ files: [file], watch: true, processEnv }))
  const answer = async () => {
    const response = await fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })
    return response.text()
  }
  expect(await answer()).toBe('seen')
  await writeFile(file, textOf('2', { authorization: { env: 'A_SECRET' } }))
  await waitFor(async () => (await answer()) === 'none', { what: 'a child without the secret' })
})
