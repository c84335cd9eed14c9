import { execFileSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from './helpers/process.ts'
import { createTempFolder } from './helpers/temp-folder.ts'

const rolldown = join(import.meta.dirname, '../node_modules/rolldown/bin/cli.mjs')

it('builds the published package, which runs without type stripping, stores requests and has workers', async () => {
  await using folder = await createTempFolder()
  execFileSync(process.execPath, [
    rolldown,
    '-c',
    'src/rolldown.config.js',
    '--dir',
    join(folder.path, 'dist'),
    '--log-level',
    'warn'
  ])
  cpSync('package.json', join(folder.path, 'package.json'))
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder.path, 'node_modules'))
  const pipeline = await folder.write(
    'p.yaml',
    '{apiVersion: sluice.dev/v1alpha1, kind: ServingPipeline, metadata: {name: p}, spec: {steps: [{transform: "$merge([data])"}]}}'
  )
  const args = [
    '--no-strip-types',
    'dist/main.js',
    'run',
    pipeline,
    '--port',
    '0',
    '--admin-port',
    '0',
    '--store',
    'sqlite:p.db',
    '--workers',
    '2'
  ]
  await using gateway = await startProcess(process.execPath, args, { cwd: folder.path })
  const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+) /)
  const response = await fetch(`${url}/default/p`, {
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json', prefer: 'respond-async, wait=10' }
  })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ a: 1 })
})
