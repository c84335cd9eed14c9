import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { KeptRollouts } from '../../src/control/rollout/kept-rollouts.ts'
import type { RolledStep } from '../../src/control/rollout/rolled-steps.ts'
import { ToldCounts } from '../../src/control/rollout/told-counts.ts'
import type { AttemptCount } from '../../src/flow/traffic/attempt-counts.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { createTrafficParts } from '../../src/gateway/traffic-parts.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

const attempts = (calls: number): AttemptCount => ({ calls, failed: 0, durations: new Map([[1, calls]]) })

const canary = (destination: string) =>
  aPlan({
    name: 'p',
    steps: [
      {
        name: 'score',
        uri: 'http://localhost:9101/stable',
        traffic: [{ uri: `http://localhost:9101/${destination}`, tag: 'canary' }],
        rollout: { tag: 'canary', steps: [10, 100] }
      }
    ]
  })

it('keeps nothing of the shares of 10,000 pipelines that came and went', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const counts: WeakRef<AttemptCount>[] = []
  const attemptsOf = () => {
    const found = attempts(1)
    counts.push(new WeakRef(found))
    return new Map([['canary', found]])
  }
  const told = new ToldCounts({ attemptsOf, replica: 'r' })
  const kept = new KeptRollouts(ledger.documents)
  const [rolled] = [{ rollout: { tag: 'canary' } }] as RolledStep[]
  for (let n = 0; n < 10_000; n++) {
    await told.tell({ ...(rolled ?? expect.fail()), key: `default/p${n} score` }, 'share', kept)
    told.forget(`default/p${n}`)
  }
  // A new reference of this kind holds on to its object until the next turn.
  await new Promise(setImmediate)
  collectGarbage()
  expect(counts.filter(count => count.deref() !== undefined).length).toBeLessThan(10)
  // It is in use still, and so would be all that it kept.
  told.forget('default/none')
})

it('counts the attempts of a pipeline that was deleted and is there again from none', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const kept = new KeptRollouts(ledger.documents)
  let calls = 7
  const told = new ToldCounts({ attemptsOf: () => new Map([['canary', attempts(calls)]]), replica: 'r' })
  const [rolled] = [{ key: 'default/p score', rollout: { tag: 'canary' } }] as RolledStep[]
  const tell = () => told.tell(rolled ?? expect.fail(), 'share', kept)
  await tell()
  // The counts of a deleted pipeline go.
  told.forget('default/p')
  calls = 0
  await tell()
  calls = 2
  await tell()
  const [document] = await ledger.documents.list('rollout-count')
  expect(JSON.parse(document?.text ?? '')).toMatchObject({ tag: [2, 0, [[1, 2]]] })
})

it('a pipeline that was deleted and is there again is rolled out, though another gateway rolls out something else', async () => {
  await using ledger = await openLedger('sqlite::memory:', silentLog)
  const documents = () => ledger.documents
  const start = (replica: string) =>
    createTrafficParts({
      documents,
      openDocuments: () => Promise.resolve(ledger.documents),
      replica,
      onChanged: () => {},
      log: silentLog
    })
  await using ours = start('ours')
  await using theirs = start('theirs')
  const put = (parts: typeof ours, plan: typeof our) =>
    parts.apply({ put: [{ plan } as Parameters<typeof ours.apply>[0]['put'][number]], removed: [] })
  const [our, their] = [canary('ours'), canary('theirs')]
  const stateOf = (parts: typeof ours, plan: typeof our) => parts.rollouts.statesOf(plan)[0]
  put(ours, our)
  await waitFor(() => stateOf(ours, our)?.state, { what: 'our rollout' })
  put(theirs, their)
  await waitFor(() => stateOf(ours, our)?.isOthers, { what: 'that theirs is the later one' })
  ours.apply({ put: [], removed: [our.pipeline] })
  put(ours, our)
  await waitFor(() => stateOf(ours, our)?.state, { what: 'ours, which is the later one now' })
})
