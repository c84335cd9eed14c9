import { describe, expect, it } from 'vitest'
import { keepLoads } from '../../src/gateway/keep-loads.ts'
import { startGateway } from '../../src/gateway.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { LoadModel, type LearnedLoad } from '../../src/runner/scaling/load-model.ts'
import { aDefinition, api, pathOf, statusWhen } from '../control/apis.ts'
import { testConfig } from '../helpers/gateway.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { server } from './step-runner.ts'

/** A load of so many calls in each minute of the day, and the way to forecast that believes the days before. */
const dailyLoad = (calls: number): LearnedLoad => {
  const ways = ((): number => {
    const model = new LoadModel()
    for (let at = 0; at < 20_000; at += 5_000) model.note(0, at)
    return model.learned.costs.length
  })()
  const costs = Array.from({ length: ways }, (_, way) => (way === ways - 6 ? 0 : 1e9))
  return { minutes: Array.from({ length: 24 * 60 }, () => calls), bursts: [], costs }
}

describe.each(storeKinds)('what a predictive step has learned, on %s', kind => {
  const newStore = storesOf(kind)

  it('is kept, and given back to the step after a restart', async () => {
    const store = newStore()
    const learned = dailyLoad(3)
    const keeping = async (model: LoadModel, isDone: () => unknown): Promise<void> => {
      await using ledger = await openLedger(store, silentLog)
      const runner = { loads: new Map([['default/a/s', model]]) }
      await using _ = keepLoads({ runner, documents: () => ledger.documents, log: silentLog, everyMs: 1 })
      await waitFor(async () => isDone() ?? (await ledger.documents.list('load')).length === 1, { what: 'a look' })
    }
    const before = new LoadModel()
    before.recall(learned)
    await keeping(before, () => undefined)
    const after = new LoadModel()
    await keeping(after, () => after.learned.costs.length > 0)
    expect(after.learned).toEqual(learned)
  })

  it('starts processes before the first call', async () => {
    const store = newStore()
    {
      await using ledger = await openLedger(store, silentLog)
      const text = JSON.stringify({ at: Date.now(), learned: dailyLoad(3) })
      await ledger.documents.put('load', 'default/a/s', text)
    }
    await using gateway = await startGateway(testConfig({ store }))
    const step = { name: 's', run: { command: [process.execPath, '-e', server], max: 5, concurrency: 1 } }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step], { scale: { predictive: true } }))
    const { steps } = await statusWhen(gateway, 'a', ({ steps: [one] }) => one.instances.ready === 3, 'processes')
    expect(steps[0].instances).toEqual({ desired: 3, ready: 3 })
  })
})
