import { rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A step that answers with the path that it was called at. */
const startEcho = () => startStep(({ url }) => ({ body: url }))

const watching = (files: readonly string[], changes: Parameters<typeof testConfig>[0] = {}): Promise<Gateway> =>
  startGateway(testConfig({ files, watch: true, ...changes }))

async function answerOf({ url }: Gateway, name: string): Promise<string> {
  const response = await fetch(`${url}/default/${name}`, { method: 'POST', body: '{}' })
  return response.ok ? response.text() : String(response.status)
}

const until = (gateway: Gateway, name: string, answer: string): Promise<unknown> =>
  waitFor(async () => (await answerOf(gateway, name)) === answer, { what: `the answer ${answer} of ${name}` })

describe('with --watch', () => {
  it('an edit in place, a file renamed over it, and one that is removed and made anew take effect', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await watching([file])
    expect(await answerOf(gateway, 'a')).toBe('/1')
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    await until(gateway, 'a', '/2')
    await rename(await folder.write('new', definitionText('a', [`${steps.url}/3`])), file)
    await until(gateway, 'a', '/3')
    await rm(file)
    await folder.write('a.json', definitionText('a', [`${steps.url}/4`]))
    await until(gateway, 'a', '/4')
  })

  it('a folder has what its files have', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('a.json', definitionText('a', [`${steps.url}/a`]))
    await using gateway = await watching([folder.path])
    const second = await folder.write('b.json', definitionText('b', [`${steps.url}/b`]))
    await until(gateway, 'b', '/b')
    await rm(second)
    await until(gateway, 'b', '404')
    expect(await answerOf(gateway, 'a')).toBe('/a')
  })

  it('a ConfigMap whose link moves to a new folder takes effect', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('v1/a.json', definitionText('a', [`${steps.url}/1`]))
    await folder.write('v2/a.json', definitionText('a', [`${steps.url}/2`]))
    await symlink('v1', join(folder.path, '..data'))
    await symlink(join('..data', 'a.json'), join(folder.path, 'a.json'))
    await using gateway = await watching([join(folder.path, 'a.json')])
    expect(await answerOf(gateway, 'a')).toBe('/1')
    await symlink('v2', join(folder.path, '..new'))
    await rename(join(folder.path, '..new'), join(folder.path, '..data'))
    await until(gateway, 'a', '/2')
  })

  it.each([
    ['half of a file', (text: string) => text.slice(0, text.length / 2)],
    ['an empty file', () => ''],
    ['a definition with a fault', (text: string) => text.replace('"steps"', '"stepps"')],
    ['no YAML', () => '{ a: [ b']
  ])('%s changes nothing, and what follows takes effect', async (_, broken) => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await folder.write('b.json', definitionText('b', [`${steps.url}/b`]))
    await using gateway = await watching([folder.path])
    await writeFile(file, broken(definitionText('a', [`${steps.url}/2`])))
    // That it has been looked at is seen by what was written after it.
    await folder.write('b.json', definitionText('b', [`${steps.url}/b2`]))
    await until(gateway, 'b', '/b2')
    expect(await answerOf(gateway, 'a')).toBe('/1')
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    await until(gateway, 'a', '/2')
  })

  it('starts with a faulty definition beside good ones, which is served once it is mended', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('a.json', definitionText('a', [`${steps.url}/a`]))
    const faulty = await folder.write('b.json', '{}')
    await using gateway = await watching([folder.path])
    expect(await answerOf(gateway, 'a')).toBe('/a')
    await writeFile(faulty, definitionText('b', [`${steps.url}/b`]))
    await until(gateway, 'b', '/b')
  })

  it('a name that two files have is that of the one which is served; the other follows when it goes', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const first = await folder.write('b.json', definitionText('x', [`${steps.url}/first`]))
    await using gateway = await watching([folder.path])
    await folder.write('a.json', definitionText('x', [`${steps.url}/second`]))
    await folder.write('c.json', definitionText('c', [`${steps.url}/c`]))
    await until(gateway, 'c', '/c')
    expect(await answerOf(gateway, 'x')).toBe('/first')
    await rm(first)
    await until(gateway, 'x', '/second')
  })

  it('what a removed pipeline had is forgotten: its series and its breaker', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('a.json', definitionText('a', [`${steps.url}/a`]))
    const second = await folder.write('b.json', definitionText('b', [`${steps.url}/b`]))
    await using gateway = await watching([folder.path])
    await Promise.all([answerOf(gateway, 'a'), answerOf(gateway, 'b')])
    const told = async (path: string) => (await fetch(gateway.adminUrl + path)).text()
    expect(await told('/metrics')).toContain('pipeline="default/b"')
    expect(await told('/breakers')).toContain(`${steps.url}/b`)
    await rm(second)
    await until(gateway, 'b', '404')
    await waitFor(async () => !(await told('/metrics')).includes('pipeline="default/b"'), { what: 'no series of b' })
    expect(await told('/breakers')).not.toContain(`${steps.url}/b`)
    expect(await told('/metrics')).toContain('pipeline="default/a"')
  })

  it('a request finishes on the steps that it began with, while the next ones take the new ones', async () => {
    const gate = Promise.withResolvers<void>()
    let calls = 0
    await using slow = await startStep(async ({ url }) => {
      if (url === '/1' && calls++ === 0) await gate.promise
      return { body: url }
    })
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${slow.url}/1`, `${slow.url}/old`]))
    await using gateway = await watching([file])
    const first = answerOf(gateway, 'a')
    await slow.waitForRequests(1)
    await writeFile(file, definitionText('a', [`${slow.url}/2`]))
    await until(gateway, 'a', '/2')
    gate.resolve()
    expect(await first).toBe('/old')
  })
})

describe('without --watch', () => {
  it('the definitions are read again when it is told to', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await watching([file], { watch: false })
    await writeFile(file, definitionText('a', [`${steps.url}/2`]))
    expect(await answerOf(gateway, 'a')).toBe('/1')
    await gateway.readAgain()
    expect(await answerOf(gateway, 'a')).toBe('/2')
  })

  it('a faulty definition, and a name that is there twice, keep it from starting', async () => {
    await using folder = await createTempFolder()
    const good = await folder.write('a.json', definitionText('a', ['http://127.0.0.1:9']))
    const faulty = await folder.write('b.json', '{"kind": "ServingPipeline"}')
    const twice = await folder.write('c.json', definitionText('a', ['http://127.0.0.1:9']))
    const start = (files: readonly string[]) => watching(files, { watch: false })
    await expect(start([good, faulty])).rejects.toThrow(/b\.json:1:1 apiVersion: /)
    await expect(start([good, twice])).rejects.toThrow(/c\.json.*default\/a is defined in .*a\.json:1 already/)
  })
})

describe('a gateway whose definitions are gone at its start', () => {
  it('serves the last known good set, says so, and takes what comes back', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/kept.db`
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    {
      await using gateway = await watching([file], { store })
      expect(await answerOf(gateway, 'a')).toBe('/1')
    }
    await rm(file)
    await using gateway = await watching([file], { store })
    expect(await answerOf(gateway, 'a')).toBe('/1')
    const notes = await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()
    expect(notes).toContain(`source ${file} cannot be read, its last known good definitions are served: ENOENT`)
    await folder.write('a.json', definitionText('a', [`${steps.url}/2`]))
    await until(gateway, 'a', '/2')
    expect(await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()).not.toContain('last known good')
  })

  it('serves the last good definition of a file that is faulty now', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/kept.db`
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await (await watching([file], { store, watch: false }))[Symbol.asyncDispose]()
    await folder.write('a.json', 'no YAML: [')
    await using gateway = await watching([file], { store, watch: false })
    expect(await answerOf(gateway, 'a')).toBe('/1')
  })

  it('does not start where nothing is kept of them', async () => {
    await using folder = await createTempFolder()
    await expect(watching([`${folder.path}/none.yaml`])).rejects.toThrow(/ENOENT/)
  })
})
