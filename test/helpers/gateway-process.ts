import { startGateway } from '../../src/gateway.ts'
import { shutdownSignal } from '../../src/cli/shutdown-signal.ts'
import { testConfig } from './gateway.ts'

/* A process of its own, to be killed or stopped: a gateway whose claims last as long as the test says. */

const [file = '', store = '', leaseMs = '', workers = ''] = process.argv.slice(2)
const stop = shutdownSignal()
const config = testConfig({ files: [file], store, workers: Number(workers) })
await using gateway = await startGateway(config, { leaseMs: Number(leaseMs) })
process.stdout.write(`ready on ${gateway.url} (admin ${gateway.adminUrl})\n`)
await stop
