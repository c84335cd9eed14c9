import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import type { RequestRecord } from '../../src/ledger/record/request-record.ts'
import { planOf } from './random/definition.ts'
import { answersOf, graphs } from './random/graph.ts'
import { runGraph, type GraphRun, type Kill } from './random/graph-run.ts'
import { meaningOf, outcomeOf, type Meaning, type Outcome } from './random/interpreter.ts'

const data = '{"n":1}'

const endOf = ({ status, reply, failure }: RequestRecord): Outcome =>
  outcomeOf(
    status === 'replied' || status === 'failed' ? status : 'filtered',
    status === 'replied' ? Buffer.from(reply?.data ?? '').toString() : (failure?.step ?? '')
  )

function expectMeant(run: GraphRun, { outcomes, calls, exact }: Meaning, kills: number): void {
  expect(outcomes).toContainEqual(endOf(run.record))
  expect(run.calledAgain, 'a step that had ended').toEqual([])
  const made = new Set(run.calls)
  expect(
    [...made].filter(call => !calls.has(call)),
    'calls that the graph does not mean'
  ).toEqual([])
  if (exact)
    expect(
      [...calls].filter(call => !made.has(call)),
      'calls that were not made'
    ).toEqual([])
  // Only what was under way when a delivery died is called again.
  if (kills === 0) expect(run.calls).toHaveLength(made.size)
}

/** `RANDOM_GRAPHS` in the environment: how many graphs, for a long run. */
const numRuns = Number(process.env['RANDOM_GRAPHS'] ?? 50)
const timeout = { timeout: 60_000 + numRuns * 60 }

const killAnywhere: fc.Arbitrary<Kill> = fc.record({
  at: fc.constantFrom('before a write', 'after a write', 'in a call'),
  nth: fc.nat(6)
})

it('does with random graphs what a simple interpreter says, call by call', timeout, async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const property = fc.asyncProperty(graphs, async graph => {
    const run = await runGraph(planOf(graph), answersOf(graph), [], data, ledger)
    expectMeant(run, meaningOf(graph, data), 0)
    expect(run.deliveries).toBe(1)
  })
  await fc.assert(property, { numRuns })
})

it('does the same when it is killed anywhere, and calls nothing again that had ended', timeout, async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const kills = fc.array(killAnywhere, { minLength: 1, maxLength: 4 })
  const property = fc.asyncProperty(graphs, kills, async (graph, list) => {
    const run = await runGraph(planOf(graph), answersOf(graph), list, data, ledger)
    expectMeant(run, meaningOf(graph, data), list.length)
  })
  await fc.assert(property, { numRuns })
})
