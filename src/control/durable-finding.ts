import { isDurable, type Durability } from '../ledger/durability.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Finding } from './conditions.ts'
import type { Controlled } from './controlled.ts'

/** Whether the store keeps what a pipeline asks of it; `undefined`: it asks for nothing, or the store is not open. */
export function durableFinding({ joined }: Controlled, durability: Durability | undefined): Finding | undefined {
  const spec = joined.definition?.definition.spec
  if (durability === undefined || spec === undefined || !wantsStore(spec)) return undefined
  const { summary, warnings } = durability
  return isDurable(durability)
    ? { type: 'Durable', status: true, reason: 'Durable', message: summary }
    : { type: 'Durable', status: false, reason: 'NotDurable', message: [summary, ...warnings].join('; ') }
}

/** It stores each request, or names a channel that keeps what it is given. */
function wantsStore({ reply, requests, channelTemplate }: ServingPipeline['spec']): boolean {
  const { kind } = channelTemplate ?? {}
  return reply !== undefined || requests?.stored === true || (kind !== undefined && kind !== 'InMemoryChannel')
}
