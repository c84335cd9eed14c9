import { rename, rm, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { WatchedFile } from '../../src/secrets/watched-file.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

it('says what stands in the file now, however soon after a change', async () => {
  await using folder = await createTempFolder()
  const file = new WatchedFile(await folder.write('key', 'key-0'))
  for (let i = 0; i < 50; i++) {
    await writeFile(file.path, `key-${i % 10}`)
    expect(file.read()).toEqual({ kind: 'text', text: `key-${i % 10}`, stale: undefined })
  }
})

it('follows a file that another one takes the place of', async () => {
  await using folder = await createTempFolder()
  const file = new WatchedFile(await folder.write('key', 'one'))
  file.read()
  await rename(await folder.write('new', 'two'), file.path)
  expect(file.read()).toMatchObject({ text: 'two' })
})

it('keeps what it said while the file is gone or empty, and says so', async () => {
  await using folder = await createTempFolder()
  const file = new WatchedFile(await folder.write('key', 'one'))
  file.read()
  await rm(file.path)
  expect(file.read()).toEqual({ kind: 'text', text: 'one', stale: 'is not there' })
  await folder.write('key', '\n')
  expect(file.read()).toEqual({ kind: 'text', text: 'one', stale: 'is empty' })
  await folder.write('key', 'two')
  expect(file.read()).toEqual({ kind: 'text', text: 'two', stale: undefined })
})

it('has nothing to say of what never was a file with something in it', async () => {
  await using folder = await createTempFolder()
  const readAt = (path: string) => new WatchedFile(path).read()
  expect(readAt(`${folder.path}/none`)).toEqual({ kind: 'unreadable', reason: 'is not there' })
  expect(readAt(folder.path)).toEqual({ kind: 'unreadable', reason: 'is not a file' })
  expect(readAt('/dev/zero')).toEqual({ kind: 'unreadable', reason: 'is not a file' })
  expect(readAt(await folder.write('empty', ' \n'))).toEqual({ kind: 'unreadable', reason: 'is empty' })
  expect(readAt(await folder.write('long', Buffer.alloc(2 ** 20 + 1, 'x')))).toMatchObject({ kind: 'unreadable' })
})

it('is looked at in microseconds', async () => {
  await using folder = await createTempFolder()
  const file = new WatchedFile(await folder.write('key', 'one'))
  file.read()
  const begun = performance.now()
  for (let i = 0; i < 1000; i++) file.read()
  // Half a millisecond each would be a file that is read each time on a machine that does much else.
  expect(performance.now() - begun).toBeLessThan(500)
})
