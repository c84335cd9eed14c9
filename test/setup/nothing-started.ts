import { afterAll, afterEach, expect } from 'vitest'
import { watchStartedThings } from '../helpers/started-things.ts'

/* A unit test starts no server, process or thread and opens no connection: so it is quick, and cannot hang. */

const started: string[] = []
const watching = watchStartedThings(({ name }) => started.push(name))
afterAll(() => watching[Symbol.dispose]())

afterEach(() => {
  const names = started.splice(0)
  expect(names, 'was started by a unit test: name what starts it in test/setup/unit-tests.ts').toEqual([])
})
