import { expect, it } from 'vitest'
import { startProcess } from './process.ts'

const node = (code: string) => startProcess(process.execPath, ['-e', code])

it('gives the line that matches, from either output', async () => {
  await using child = await node(`console.log('a'); console.error('ready on 80'); setInterval(() => {}, 1000)`)
  expect((await child.waitForLine(/ready on (\d+)/))[1]).toBe('80')
})

it('tells how the process ended, and what it wrote', async () => {
  await using child = await node(`console.log('out'); console.error('err'); process.exitCode = 2`)
  expect(await child.exit).toEqual({ code: 2, signal: null })
  expect([child.output.stdout, child.output.stderr]).toEqual(['out\n', 'err\n'])
})

it('fails at once, with the output, when the process ends without the line', async () => {
  await using child = await node(`console.error('port in use')`)
  await expect(child.waitForLine(/ready/)).rejects.toThrow(/ended without a line like \/ready\/[^]*port in use/)
})

it('fails when the line does not come in time', async () => {
  await using child = await node(`setInterval(() => {}, 1000)`)
  await expect(child.waitForLine(/ready/, 50)).rejects.toThrow('no line like /ready/ in 50 ms')
})

it('fails when there is no such command', async () => {
  await expect(startProcess('no-such-command', [])).rejects.toMatchObject({ code: 'ENOENT' })
})

it.concurrent.each(['SIGTERM is ignored', 'it is stopped'])('ends the process even when %s', async how => {
  const child = await node(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`)
  await child.waitForLine(/up/)
  if (how === 'it is stopped') child.kill('SIGSTOP')
  await child[Symbol.asyncDispose]()
  expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' })
})
