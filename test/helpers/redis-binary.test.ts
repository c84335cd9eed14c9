import { chmod } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { findRedisServer } from './redis-binary.ts'
import { createTempFolder, type TempFolder } from './temp-folder.ts'

it('takes the one on the PATH', async () => {
  await using bin = await createTempFolder()
  await command(bin, 'redis-server', 'exit 0')
  expect(findRedisServer({ PATH: bin.path })).toBe('redis-server')
})

it('installs it by apt-get where there is none, after an update', async () => {
  await using bin = await createTempFolder()
  await command(
    bin,
    'apt-get',
    `case "$*" in
      *update) : > ${bin.path}/updated ;;
      *install*redis-server) test -f ${bin.path}/updated && echo '#!/bin/sh' > ${bin.path}/redis-server && /bin/chmod +x ${bin.path}/redis-server ;;
    esac`
  )
  expect(findRedisServer({ PATH: bin.path }, true)).toBe('redis-server')
})

it('says what failed when apt-get cannot', async () => {
  await using bin = await createTempFolder()
  await command(bin, 'apt-get', 'echo no network >&2; exit 100')
  expect(() => findRedisServer({ PATH: bin.path }, true)).toThrow(
    /redis-server is not on the PATH, and apt-get .*update failed: no network/
  )
})

it('says that only root could install it', async () => {
  await using bin = await createTempFolder()
  expect(() => findRedisServer({ PATH: bin.path }, false)).toThrow('only root')
})

async function command(folder: TempFolder, name: string, script: string): Promise<void> {
  await chmod(await folder.write(name, `#!/bin/sh\n${script}\n`), 0o755)
}
