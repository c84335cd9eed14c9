import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readDefinitions } from '../../src/control/definitions.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

it('reads files in the order in which they are named', async () => {
  await using folder = await createTempFolder()
  const b = await folder.write('b.yaml', 'b')
  const a = await folder.write('a.txt', 'a')
  expect(await readDefinitions([b, a])).toEqual([
    { file: b, text: 'b' },
    { file: a, text: 'a' }
  ])
})

it('reads the definitions of a folder in the order of their names, and nothing else that lies there', async () => {
  await using folder = await createTempFolder()
  for (const name of ['c.json', 'a.yaml', 'b.yml', 'sluice.yaml', 'README.md', '.hidden.yaml', 'below/d.yaml']) {
    await folder.write(name, name)
  }
  await mkdir(join(folder.path, 'folder.yaml'))
  const definitions = await readDefinitions([folder.path])
  expect(definitions).toEqual(
    ['a.yaml', 'b.yml', 'c.json'].map(name => ({ file: join(folder.path, name), text: name }))
  )
})

it('follows links, which is how Kubernetes mounts a ConfigMap', async () => {
  await using folder = await createTempFolder()
  await folder.write('..data/a.yaml', 'a')
  await symlink(join('..data', 'a.yaml'), join(folder.path, 'a.yaml'))
  expect(await readDefinitions([folder.path])).toEqual([{ file: join(folder.path, 'a.yaml'), text: 'a' }])
})

it('fails for a path at which there is nothing', async () => {
  await expect(readDefinitions(['no-such-file.yaml'])).rejects.toMatchObject({
    code: 'ENOENT',
    path: 'no-such-file.yaml'
  })
})
