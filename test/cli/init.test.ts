import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

describe('sluice init', () => {
  it.each([[[]], [['--python']]])('writes an example that serves: %j', async options => {
    await using folder = await createTempFolder()
    const at = { cwd: folder.path }
    const { code, stdout } = await sluice(['init', ...options], at)
    expect([code, stdout]).toEqual([0, expect.stringContaining('start it with:   sluice run\n')])
    await using gateway = await startCli(['run', '--port', '0', '--admin-port', '0'], at)
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+) /)
    const send = (text: string) => sluice(['send', 'comments', '-d', JSON.stringify({ text }), '--gateway', url], at)
    expect(JSON.parse((await send('I love it')).stdout)).toEqual({ text: 'I love it', sentiment: 'positive', score: 1 })
    expect((await send('a lottery')).stderr).toBe('filtered by step filter\n')
    gateway.kill('SIGTERM')
    expect((await gateway.exit).code).toBe(0)
  })

  it('writes nothing over what is there', async () => {
    await using folder = await createTempFolder()
    await folder.write('pipeline.yaml', 'mine')
    const { code, stderr } = await sluice(['init', folder.path])
    expect([code, stderr]).toEqual([1, `nothing was written: ${folder.path}/pipeline.yaml would be written over\n`])
    expect(await readFile(join(folder.path, 'pipeline.yaml'), 'utf8')).toBe('mine')
  })
})
