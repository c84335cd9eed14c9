import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { waitFor } from '../helpers/wait-for.ts'
import type { Entry, EntryIntake, Source } from '../../src/sources/source.ts'

export interface SourceUnderTest extends AsyncDisposable {
  /** Another one on the same place, as another replica has it. */
  create(): Source
  /** Makes one more entry; its data is JSON. */
  add(data: string): Promise<void>
  /** How many entries are there that nobody has acknowledged. */
  unacknowledged?(): Promise<number>
}

/** An intake that keeps what it is given; `accepts` is asked for each batch. */
function createIntake(accepts: () => Promise<boolean> = () => Promise.resolve(true)) {
  const entries: Entry[] = []
  const intake: EntryIntake = {
    async accept(given) {
      if (!(await accepts())) return false
      entries.push(...given)
      return true
    }
  }
  return { intake, entries, texts: () => entries.map(({ event }) => Buffer.from(event.data ?? '').toString()) }
}

async function running(source: Source, intake: EntryIntake, during: () => Promise<void>): Promise<void> {
  const ending = new AbortController()
  const done = source.run(intake, ending.signal)
  try {
    await during()
  } finally {
    ending.abort()
    await done
  }
}

/** Every source keeps these promises. */
export function sourceSuite(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`source: ${name}`, () => {
    it('gives each entry as an event of its own, with an id and its source', async () => {
      await using opened = await open()
      const { intake, entries } = createIntake()
      await running(opened.create(), intake, async () => {
        await opened.add('1')
        await waitFor(() => entries.length >= 1, { what: 'the first entry' })
        await opened.add('2')
        await waitFor(() => entries.length >= 2, { what: 'the second entry' })
      })
      const ids = entries.map(({ event }) => event.attributes.get('id'))
      expect(new Set(ids).size).toBe(ids.length)
      for (const { event } of entries) {
        expect(event.attributes.get('source')).toBe('/default/test/entries')
        expect(event.attributes.get('time')).toMatch(/^\d{4}-.*Z$/)
      }
    })

    it('ends when it is told to, also while the intake has no room', async () => {
      await using opened = await open()
      const gate = createGate()
      let asked = 0
      const { intake, entries } = createIntake(async () => {
        asked++
        await gate.opened
        return false
      })
      await running(opened.create(), intake, async () => {
        await opened.add('1')
        await waitFor(() => asked > 0, { what: 'an entry' })
        setTimeout(() => gate.open(), 50)
      })
      expect(entries).toEqual([])
    })

    it('gives what was not accepted again, under the same id', async () => {
      await using opened = await open()
      const ids: unknown[] = []
      const refusing: EntryIntake = {
        accept: entries => {
          ids.push(...entries.map(({ event }) => event.attributes.get('id')))
          return Promise.resolve(false)
        }
      }
      await running(opened.create(), refusing, async () => {
        await opened.add('1')
        await waitFor(() => ids.length > 0, { what: 'an entry' })
      })
      if (opened.unacknowledged !== undefined) expect(await opened.unacknowledged()).toBe(1)
      const { intake, entries } = createIntake()
      if (name === 'schedule') return
      await running(opened.create(), intake, () =>
        waitFor(() => entries.some(({ event }) => event.attributes.get('id') === ids[0]), { what: 'it again' }).then(
          () => {}
        )
      )
      if (opened.unacknowledged !== undefined) expect(await opened.unacknowledged()).toBe(0)
    })
  })
}
