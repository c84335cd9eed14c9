import { runBench } from '../run-bench.ts'
import { benchAcceptance } from './acceptance.ts'
import { benchPending } from './pending.ts'
import { benchQueues } from './queues.ts'
import { benchStoredLatency } from './stored-latency.ts'
import { benchUtilisation } from './utilisation.ts'

/* npm run bench:ledger -- [--quick] [--only acceptance|queues|utilisation|latency|pending]: requests that are stored. */

await runBench({
  acceptance: benchAcceptance,
  queues: benchQueues,
  utilisation: benchUtilisation,
  latency: benchStoredLatency,
  pending: benchPending
})
