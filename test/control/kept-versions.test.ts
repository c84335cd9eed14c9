import { describe, expect, it } from 'vitest'
import { KeptVersions } from '../../src/control/kept-versions.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'

describe.each(storeKinds)('versions of a value on %s', kind => {
  const newStore = storesOf(kind)

  it('one of two who write after the same version is first, and the newest one stays alone', async () => {
    await using ledger = await openLedger(newStore(), silentLog)
    const [one, other] = [0, 1].map(() => new KeptVersions<{ by: string }>(ledger.documents, 'test'))
    const written = await Promise.all([
      one!.write('a@b', undefined, { by: 'one' }),
      other!.write('a@b', undefined, { by: 'other' })
    ])
    expect(written.filter(Boolean)).toHaveLength(1)
    const first = (await one!.read()).get('a@b')
    expect(first).toMatchObject({ version: 1, by: written[0] ? 'one' : 'other' })
    expect(await other!.write('a@b', first?.version, { by: 'other' })).toBe(true)
    expect((await one!.read()).get('a@b')).toMatchObject({ version: 2, by: 'other' })
    expect(await ledger.documents.list('test')).toHaveLength(1)
  })

  it('who read a version that several have followed is refused, and leaves nothing behind', async () => {
    await using ledger = await openLedger(newStore(), silentLog)
    const versions = new KeptVersions<{ n: number }>(ledger.documents, 'test')
    for (let n = 0; n < 4; n++) expect(await versions.write('a', n === 0 ? undefined : n, { n })).toBe(true)
    // The second version was removed again, so that its number is free.
    expect(await versions.write('a', 1, { n: 99 })).toBe(false)
    expect([...(await versions.read()).values()]).toMatchObject([{ version: 4, n: 3 }])
    expect(await ledger.documents.list('test')).toHaveLength(1)
  })

  it('a value that has not changed is the same object', async () => {
    await using ledger = await openLedger(newStore(), silentLog)
    const versions = new KeptVersions<{ n: number }>(ledger.documents, 'test')
    await versions.write('a', undefined, { n: 1 })
    expect((await versions.read()).get('a')).toBe((await versions.read()).get('a'))
  })
})
