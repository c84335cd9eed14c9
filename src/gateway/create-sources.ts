import { createConnector } from '../delivery/connect.ts'
import { createEgressCheck } from '../delivery/egress.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { HttpSource } from '../sources/http-source.ts'
import { StoredIntake } from '../sources/intake.ts'
import { RedisStreamSource } from '../sources/redis/redis-stream-source.ts'
import { createScheduleSource } from '../sources/schedule-source.ts'
import { Sources } from '../sources/sources.ts'
import type { ProcessParts } from './process-parts.ts'

export interface CreateSourcesDeps {
  /** Opened on first use. Rejects with STORE_UNAVAILABLE. */
  readonly ledger: () => Promise<Ledger>
  /** Names this replica. */
  readonly owner: string
}

/** Where the pipelines of this gateway read by themselves. */
export function createSources(
  { config, lookups, log, metrics }: ProcessParts,
  { ledger, owner }: CreateSourcesDeps
): Sources {
  const connect = createConnector(createEgressCheck(config.egress), lookups, undefined)
  const documents = async () => (await ledger()).documents
  return new Sources({
    createIntake: (place, serving) => new StoredIntake(place, { ledger, serving, metrics, owner }),
    create(plan, place) {
      switch (plan.kind) {
        case 'redisStream':
          return new RedisStreamSource(plan, place, { roles: ledger, owner, log })
        case 'schedule':
          return createScheduleSource(plan, place)
        case 'http':
          return new HttpSource(plan, place, { roles: ledger, documents, owner, connect, log })
      }
    },
    log
  })
}
