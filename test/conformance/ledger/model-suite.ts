import * as fc from 'fast-check'
import { it } from 'vitest'
import { LedgerModel } from './ledger-model.ts'
import type { OpenLedger } from './ledger-under-test.ts'
import { ledgerCommands } from './model-commands.ts'

/** Random histories against a model: nothing is lost, nothing happens twice, whatever the order of events. */
export function modelSuite(open: OpenLedger): void {
  it('does what the model does, in any order of accepts, claims, crashes, settlements and replays', async () => {
    await using under = await open()
    const { ledger } = under
    let runs = 0
    const history = fc.asyncProperty(ledgerCommands, async commands => {
      runs += 1
      const model = new LedgerModel(`default/model-${runs}`)
      await fc.asyncModelRun(() => ({ model, real: ledger }), commands)
    })
    await fc.assert(history, { numRuns: 30, interruptAfterTimeLimit: 20_000 })
  }, 60_000)
}
