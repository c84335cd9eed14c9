import { expect, it } from 'vitest'
import { storeNotes } from '../../src/admin/store-notes.ts'

it('says that a store opens when it is needed only as long as it can be opened', () => {
  const unopened = { opened: undefined, failure: undefined }
  expect(storeNotes(unopened, 'sqlite:./sluice.db')).toEqual(['[i] store: opens with the first stored request'])
  expect(storeNotes(unopened, 'redis://127.0.0.1:1')).toEqual(['[i] store: opens with the first stored request'])
  expect(storeNotes(unopened, 'sqlite:./no-such-folder/sluice.db')).toEqual([
    expect.stringMatching(/^\[!\] store: cannot be opened, so nothing is stored: .*no-such-folder \(ENOENT.*make it/)
  ])
})

it('says why a store could not be opened the last time', () => {
  expect(storeNotes({ opened: undefined, failure: 'it is locked' }, 'sqlite:./sluice.db')).toEqual([
    '[!] store: cannot be opened, so nothing is stored: it is locked'
  ])
})
