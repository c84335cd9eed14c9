import { afterAll, expect } from 'vitest'
import { watchStartedThings, type StartedThing } from '../helpers/started-things.ts'
import { waitFor } from '../helpers/wait-for.ts'

/*
 * After each file of tests, nothing that it started may be left: no server, process, connection or thread, and so no
 * gateway, ledger or client.
 */

const started = new Set<StartedThing>()
const watching = watchStartedThings(thing => started.add(thing))

const left = (): readonly string[] => [...started].filter(thing => thing.isThere()).map(({ name }) => name)

afterAll(async () => {
  // A thing that has been closed may still be on its way, as a connection that was kept alive to a server which is gone.
  await waitFor(() => left().length === 0, { what: 'everything to be closed' }).catch(() => {})
  const names = left()
  // The files after this one run in the same process: this set would keep all that they start.
  watching[Symbol.dispose]()
  started.clear()
  expect(names, 'was started by this file, and is left').toEqual([])
})
