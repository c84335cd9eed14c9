import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { definitionText } from '../helpers/definition-text.ts'
import { startProcess } from '../helpers/process.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { builtProgram } from '../programs/built-program.ts'

/** A user namespace has limits of its own, which nobody else runs into. */
const within = (limit: string): string[] => [
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  `echo 0 > /proc/sys/user/${limit} && exec "$0" "$@"`
]
const canLimit = spawnSync('unshare', [...within('max_inotify_watches'), 'true']).status === 0

describe.runIf(canLimit)('a folder that Linux does not let be watched any more', () => {
  it.each([
    ['max_inotify_watches', 'fs.inotify.max_user_watches'],
    ['max_inotify_instances', 'fs.inotify.max_user_instances']
  ])('is looked at all the same, and told once: %s', async (limit, name) => {
    await using step = await startStep(({ url }) => ({ body: url }))
    await using folder = await createTempFolder()
    const file = await folder.write('d/a.json', definitionText('a', [`${step.url}/1`]))
    const own = ['--watch', '--port', '0', '--admin-port', '0', '--log-format', 'json']
    const command = [process.execPath, await builtProgram('src/main.ts'), 'run', `${folder.path}/d`, ...own]
    await using gateway = await startProcess('unshare', [...within(limit), ...command], { cwd: folder.path })
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (http:\S+) /)
    const answer = async (): Promise<string> => (await fetch(`${url}/default/a`, { method: 'POST', body: '{}' })).text()
    expect(await answer()).toBe('/1')
    await writeFile(file, definitionText('a', [`${step.url}/2`]))
    await waitFor(async () => (await answer()) === '/2', { what: 'the edit' })
    await writeFile(file, definitionText('a', [`${step.url}/3`]))
    await waitFor(async () => (await answer()) === '/3', { what: 'the next edit' })
    expect(gateway.output.stderr.split('\n').filter(line => line.includes(name))).toHaveLength(1)
  })
})
