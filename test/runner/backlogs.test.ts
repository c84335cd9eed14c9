import { describe, expect, it } from 'vitest'
import { backlogOf } from '../../src/gateway/backlog-of.ts'
import { followBacklogs } from '../../src/gateway/follow-backlogs.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import type { Plan } from '../../src/pipeline/plan.ts'
import { processesOf } from '../../src/control/processes-of.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { aMark, aRequest, rootMarks } from '../helpers/ledger-requests.ts'
import { waitFor } from '../helpers/wait-for.ts'

const local = (name: string) => ({ name, run: { command: [name], max: 3 } })
const hosted = (name: string) => ({ name, uri: 'http://127.0.0.1:1/' })

/** The numbers by the names of steps. */
function byStep(plan: Plan, counts: ReadonlyMap<string, number>): Record<string, number> {
  const names = new Map(processesOf(plan).map(({ key, step }) => [key, step.slice(step.lastIndexOf('/') + 1)]))
  return Object.fromEntries([...counts].map(([key, count]) => [names.get(key), count]))
}

describe('stored requests that wait are load of the local step that they come to first', () => {
  const chain = aPlan({ steps: [local('a'), hosted('b'), local('c'), hosted('d')] })
  const fan = aPlan({
    steps: [
      local('a'),
      {
        name: 'fan',
        parallel: {
          branches: [
            { name: 'left', steps: [local('l'), hosted('m')] },
            { name: 'right', steps: [local('r')] }
          ]
        }
      },
      local('z')
    ]
  })
  const at = (next: string) => rootMarks({ next })

  it.each([
    ['at the start', chain, [new Map()], { a: 1 }],
    ['at the first step', chain, [at('a')], { a: 1 }],
    ['between two', chain, [at('b')], { c: 1 }],
    ['at the last one', chain, [at('c')], { c: 1 }],
    ['behind the last one', chain, [at('d')], {}],
    ['at a step that is not there any more', chain, [at('gone')], { a: 1 }],
    ['in different places', chain, [at('a'), at('c'), at('c'), at('d')], { a: 1, c: 2 }],
    ['before two branches', fan, [at('fan')], { l: 1, r: 1 }],
    [
      'in one branch, of which the other has ended',
      fan,
      [
        new Map([
          ...at('fan'),
          ['fan/left', aMark({ next: 'm' })],
          ['fan/right', aMark({ ended: { kind: 'replied', at: 1 } })]
        ])
      ],
      { z: 1 }
    ],
    [
      'in both branches',
      fan,
      [new Map([...at('fan'), ['fan/left', aMark({ next: 'm' })], ['fan/right', aMark({ next: 'r' })]])],
      { z: 1, r: 1 }
    ]
  ] as const)('%s', (_, plan, marks, counts) => {
    expect(byStep(plan, backlogOf(plan, { queued: marks.length, next: marks.map(each => ({ marks: each })) }))).toEqual(
      counts
    )
  })

  it('as those stand that are claimed next', () => {
    const next = [at('a'), at('c'), at('c')].map(marks => ({ marks }))
    expect(byStep(chain, backlogOf(chain, { queued: 1_000, next }))).toEqual({ a: 334, c: 667 })
  })

  it('which the runner is told by and by, until none waits', async () => {
    await using ledger = await openSqliteLedger({ path: ':memory:' })
    const told = new Map<string, number>()
    const runner = { backlog: (key: string, requests: number) => void told.set(key, requests) }
    using backlogs = followBacklogs({ runner, ledger: () => ledger })
    const { pipeline } = chain
    const waiting = ['a', 'c', 'c'].map(next => aRequest({ pipeline, marks: at(next) }))
    await ledger.accept(waiting)
    backlogs.apply({ put: [{ plan: chain }] as never, removed: [] })
    await waitFor(() => byStep(chain, told)['c'] === 2, { what: 'two at the second local step' })
    expect(byStep(chain, told)).toEqual({ a: 1, c: 2 })
    for (const { id } of waiting) await ledger.cancel(pipeline, id)
    await waitFor(() => [...told.values()].every(count => count === 0), { what: 'nothing that waits' })
  })
})
