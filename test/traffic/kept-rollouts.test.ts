import { expect, it } from 'vitest'
import { KeptRollouts } from '../../src/control/rollout/kept-rollouts.ts'
import { Rollouts } from '../../src/control/rollout/rollouts.ts'
import { noCounts, type RolloutState } from '../../src/control/rollout/rollout-state.ts'
import type { Documents } from '../../src/ledger/documents.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

const canary = (name: string) =>
  aPlan({
    name,
    steps: [
      {
        name: 'score',
        uri: 'http://localhost:9101/stable',
        traffic: [{ uri: 'http://localhost:9101/canary', tag: 'canary' }],
        rollout: { tag: 'canary', steps: [10, 100] }
      }
    ]
  })

/** The rollouts of a gateway that serves one pipeline; counts how often it looks at the store. */
function rolloutsOf(name: string, documents: Documents) {
  const looks = { count: 0 }
  const plan = canary(name)
  const rollouts = new Rollouts({
    plans: () => [plan],
    openDocuments: () => {
      looks.count++
      return Promise.resolve(documents)
    },
    attemptsOf: () => new Map(),
    replica: name,
    onChanged: () => {},
    log: silentLog
  })
  return { rollouts, plan, looks }
}

it('leaves the attempts of a share alone that only another gateway of the store has', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const kept = new KeptRollouts(ledger.documents)
  const state: RolloutState = {
    id: 'a',
    of: '',
    phase: 'Progressing',
    place: 0,
    percent: 10,
    at: 0,
    history: []
  }
  await kept.write('theirs', undefined, state)
  await kept.writeCounts('theirs', 'them', 'a', noCounts)
  await kept.writeCounts('theirs', 'gone', 'before', noCounts)
  const { rollouts, looks } = rolloutsOf('ours', ledger.documents)
  await using _ = rollouts
  await waitFor(() => looks.count >= 2, { what: 'two looks' })
  expect((await ledger.documents.list('rollout-count')).map(({ name }) => name)).toEqual(['theirs them'])
})

it('looks at rollouts that are over now and then only', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const { rollouts, plan, looks } = rolloutsOf('ours', ledger.documents)
  await using _ = rollouts
  await rollouts.command(plan.pipeline, 'score', 'abort')
  const [before, since] = [looks.count, performance.now()]
  await waitFor(() => looks.count >= before + 2, { what: 'two looks' })
  expect(performance.now() - since).toBeGreaterThan(1_500)
})
