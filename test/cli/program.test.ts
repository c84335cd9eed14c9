import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { sluice } from './sluice.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

it('tells its version', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await sluice(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

it('explains each of its commands with examples', () => {
  const commands = createProgram().commands.filter(command => command.name() !== 'help')
  expect(commands.length).toBeGreaterThan(15)
  for (const command of commands) {
    let help = ''
    command.configureOutput({ writeOut: text => void (help += text) }).outputHelp()
    expect(help, command.name()).toMatch(/^Usage: sluice[^]*^Examples?:$/m)
  }
})

describe('wrong usage', () => {
  it.each([
    { args: ['sned'], says: "unknown command 'sned'\n(Did you mean send?)" },
    { args: ['run', '--prot', '0'], says: "unknown option '--prot'\n(Did you mean --port?)" },
    { args: ['validate'], says: "missing required argument 'files'" },
    { args: [], says: 'Usage: sluice' }
  ])('exits with 2: $args', async ({ args, says }) => {
    const { code, stdout, stderr } = await sluice(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })
})

it('gives the JSON Schema of the resource', async () => {
  const { code, stdout } = await sluice(['schema'])
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'ServingPipeline' }
  ])
})

it('ends in peace when nobody reads what it prints', async () => {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect([code, stderr]).toEqual([0, ''])
})
