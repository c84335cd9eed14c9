import { expect, it } from 'vitest'
import { KeptRollouts } from '../../src/control/rollout/kept-rollouts.ts'
import { Rollouts } from '../../src/control/rollout/rollouts.ts'
import { rolloutFinding } from '../../src/control/rollout/rollout-status.ts'
import { noCounts, type RolloutState } from '../../src/control/rollout/rollout-state.ts'
import type { Documents } from '../../src/ledger/documents.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

const canary = (name: string, destination = 'canary') =>
  aPlan({
    name,
    steps: [
      {
        name: 'score',
        uri: 'http://localhost:9101/stable',
        traffic: [{ uri: `http://localhost:9101/${destination}`, tag: 'canary' }],
        rollout: { tag: 'canary', steps: [10, 100] }
      }
    ]
  })

const aState: RolloutState = {
  id: 'a',
  of: '',
  phase: 'Progressing',
  place: 0,
  percent: 10,
  at: 0,
  history: []
}

/** The rollouts of a gateway that serves one pipeline; counts how often it looks at the store. */
function rolloutsOf(name: string, documents: Documents, destination?: string) {
  const looks = { count: 0 }
  const served = { plan: canary(name, destination) }
  const rollouts = new Rollouts({
    plans: () => [served.plan],
    documents: () => documents,
    openDocuments: () => {
      looks.count++
      return Promise.resolve(documents)
    },
    attemptsOf: () => new Map(),
    replica: name,
    onChanged: () => {},
    log: silentLog
  })
  return {
    rollouts,
    served,
    looks,
    states: () => rollouts.statesOf(served.plan),
    /** It has looked at the store, from the beginning, at least so often from now on. */
    looked: (times: number) => {
      const before = looks.count
      return waitFor(() => looks.count > before + times, { what: `${times} looks` })
    }
  }
}

it('leaves the attempts of a share alone that only another gateway of the store has', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const kept = new KeptRollouts(ledger.documents)
  await kept.write('theirs', undefined, aState)
  await kept.writeCounts('theirs', 'them', 'a', noCounts)
  await kept.writeCounts('theirs', 'gone', 'before', noCounts)
  const { rollouts, looks } = rolloutsOf('ours', ledger.documents)
  await using _ = rollouts
  await waitFor(() => looks.count >= 2, { what: 'two looks' })
  expect((await ledger.documents.list('rollout-count')).map(({ name }) => name)).toEqual(['theirs them'])
})

it('looks at rollouts that are over now and then only', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const { rollouts, served, looks } = rolloutsOf('ours', ledger.documents)
  await using _ = rollouts
  await rollouts.command(served.plan.pipeline, 'score', 'abort')
  const [before, since] = [looks.count, performance.now()]
  await waitFor(() => looks.count >= before + 2, { what: 'two looks' })
  expect(performance.now() - since).toBeGreaterThan(1_500)
})

it('two gateways with other destinations of one step do not take it from each other: the later one has it', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  await using opened = new AsyncDisposableStack()
  const first = rolloutsOf('p', ledger.documents, 'a')
  opened.use(first.rollouts)
  await waitFor(() => first.states()[0]?.state, { what: 'the first rollout' })
  const second = rolloutsOf('p', ledger.documents, 'b')
  opened.use(second.rollouts)
  await waitFor(() => second.states()[0]?.state, { what: 'the second rollout' })
  await first.looked(3)
  await second.looked(3)
  const documents = await ledger.documents.list('rollout')
  expect(documents.map(({ name }) => name)).toEqual(['default/p score@2'])
  expect(second.states()).toMatchObject([{ state: { percent: 10 }, isOthers: false }])
  expect(first.states()).toMatchObject([{ state: undefined, isOthers: true }])
  expect(rolloutFinding(first.states())?.message).toContain('another gateway of the store')
  // An edit makes the first one the later.
  first.served.plan = canary('p', 'c')
  await waitFor(() => first.states()[0]?.state, { what: 'the third rollout' })
  await waitFor(() => second.states()[0]?.isOthers, { what: 'that the second one sees it' })
  await second.rollouts.command('default/p', 'score', 'promote')
  await waitFor(() => first.states()[0]?.isOthers, { what: 'that a person decides' })
})

it('how far a rollout is goes a week after the last gateway has served it', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const kept = new KeptRollouts(ledger.documents)
  for (const step of ['ours', 'theirs', 'gone']) await kept.write(step, undefined, aState)
  const [hour, now] = [3_600_000, 1_000_000_000_000]
  const sweep = async (served: string[], hours: number) => {
    await kept.sweep(new Set(served), now + hours * hour)
    return [...(await kept.read()).keys()].sort()
  }
  expect(await sweep(['ours'], 0)).toEqual(['gone', 'ours', 'theirs'])
  expect(await sweep(['ours'], 100)).toEqual(['gone', 'ours', 'theirs'])
  // Another gateway of the store says so of its own.
  expect(await sweep(['theirs'], 160)).toEqual(['gone', 'ours', 'theirs'])
  expect(await sweep(['ours'], 7 * 24)).toEqual(['ours', 'theirs'])
  // Whoever was away for long has its own in time.
  expect(await sweep(['ours'], 1_000)).toEqual(['ours'])
  expect((await ledger.documents.list('rollout-use')).map(({ name }) => name).sort()).toEqual(['ours', 'theirs'])
  await kept.sweep(new Set(['ours']), now + 1_000 * hour)
  expect((await ledger.documents.list('rollout-use')).map(({ name }) => name)).toEqual(['ours'])
})
