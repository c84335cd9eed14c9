import type { Audit } from '../kills/accounting.ts'
import { storeNames } from '../kills/stores.ts'
import type { FaultOptions } from '../fault-part.ts'
import { edits, original } from './edits.ts'
import { runRoll } from './roll.ts'

const signals = ['SIGKILL', 'SIGTERM'] as const

/** Each kind of edit on each store, by each way to end a gateway. */
export async function auditEdits({ seed, progress }: FaultOptions): Promise<Audit> {
  const figures: Record<string, number> = {}
  const broken: string[] = []
  for (const store of storeNames) {
    for (const signal of signals) {
      for (const [edit, steps] of Object.entries(edits)) {
        const options = { store, signal, from: { steps: original }, to: { steps }, ms: 1_000, rate: 100 }
        const audit = await runRoll({ ...options, seed, progress })
        progress(`${store}, ${signal}, ${edit}: ${JSON.stringify(audit.figures)}`)
        for (const [figure, value] of Object.entries(audit.figures)) figures[figure] = (figures[figure] ?? 0) + value
        broken.push(...audit.broken.map(fault => `${store}, ${signal}, ${edit}: ${fault}`))
      }
    }
  }
  return { figures, broken }
}
