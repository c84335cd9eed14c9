import { afterEach, expect, it, vi } from 'vitest'
import { startCli } from './cli.ts'
import { createTempFolder } from './temp-folder.ts'

afterEach(() => vi.unstubAllEnvs())

it('runs node with the arguments, in the folder and environment of the test', async () => {
  vi.stubEnv('SLUICE_PORT', '1')
  await using folder = await createTempFolder()
  const probe = await folder.write(
    'probe.mjs',
    `console.log(process.cwd(), process.env.SLUICE_PORT, process.env.SLUICE_STORE)`
  )
  await using cli = await startCli([], {
    cwd: folder.path,
    env: { SLUICE_STORE: 'a', NODE_OPTIONS: `--import ${probe}` }
  })
  expect((await cli.waitForLine(/^(.*) undefined a$/))[1]).toContain(folder.path)
})
