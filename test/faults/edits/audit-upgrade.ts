import type { Audit } from '../kills/accounting.ts'
import type { FaultOptions } from '../fault-part.ts'
import { original } from './edits.ts'
import { runRoll } from './roll.ts'

const ways = ['up', 'down'] as const
const signals = ['SIGTERM', 'SIGKILL'] as const
const ms = 5_000

/** Two replicas on Redis go from an earlier version of the project to this one, and back, one after the other under load. */
export async function auditUpgrade({ before, seed, progress }: FaultOptions): Promise<Audit> {
  if (before === undefined) throw new Error('the part upgrade needs --before FOLDER')
  const earlier = { steps: original, checkout: before }
  const now = { steps: original }
  const figures: Record<string, number> = {}
  const broken: string[] = []
  for (const way of ways) {
    for (const signal of signals) {
      const [from, to] = way === 'up' ? [earlier, now] : [now, earlier]
      const audit = await runRoll({ store: 'redis', signal, from, to, ms, rate: 100, seed, progress })
      progress(`${way}, ${signal}: ${JSON.stringify(audit.figures)}`)
      for (const [figure, value] of Object.entries(audit.figures)) figures[figure] = (figures[figure] ?? 0) + value
      broken.push(...audit.broken.map(fault => `${way}, ${signal}: ${fault}`))
    }
  }
  return { figures, broken }
}
