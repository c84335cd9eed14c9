import { describe, expect, it } from 'vitest'
import type { OpenLedger } from './ledger-under-test.ts'

/** Small documents by kind and name. */
export function documentSuite(open: OpenLedger): void {
  describe('documents', () => {
    it('are kept by kind and name, and replaced', async () => {
      await using under = await open()
      const { documents } = under.ledger
      await documents.put('definition', 'default/comments', 'one')
      await documents.put('definition', 'default/comments', 'two: "✓"\n')
      await documents.put('job', 'default/comments', 'other')
      expect(await documents.get('definition', 'default/comments')).toBe('two: "✓"\n')
      expect(await documents.get('job', 'default/comments')).toBe('other')
      expect(await documents.get('job', 'default/unknown')).toBeUndefined()
    })

    it('are added once, whoever comes first', async () => {
      await using under = await open()
      const { documents } = under.ledger
      expect(await Promise.all([documents.add('generation', 'a', '1'), documents.add('generation', 'a', '2')])).toEqual(
        ['1', '1']
      )
      expect(await documents.get('generation', 'a')).toBe('1')
      expect(await documents.add('generation', 'b', '2')).toBe('2')
    })

    it('are listed by name', async () => {
      await using under = await open()
      const { documents } = under.ledger
      await documents.put('definition', 'b', '2')
      await documents.put('definition', 'a', '1')
      await documents.put('job', 'c', '3')
      expect(await documents.list('definition')).toEqual([
        { name: 'a', text: '1' },
        { name: 'b', text: '2' }
      ])
      expect(await documents.list('unknown')).toEqual([])
    })

    it('are removed', async () => {
      await using under = await open()
      const { documents } = under.ledger
      await documents.put('definition', 'a', '1')
      expect(await documents.remove('definition', 'a')).toBe(true)
      expect(await documents.remove('definition', 'a')).toBe(false)
      expect(await documents.get('definition', 'a')).toBeUndefined()
      expect(await documents.list('definition')).toEqual([])
    })
  })
}
