import { startGateway, type GatewayOverrides } from '../../src/gateway.ts'
import type { GatewayConfig } from '../../src/config.ts'
import { shutdownSignal } from '../../src/cli/shutdown-signal.ts'
import { testConfig } from './gateway.ts'

/* A process of its own, to be killed or stopped: a gateway with the limits and the log that the test names. */

/** The last argument, as JSON. */
export interface ProcessChanges {
  readonly config?: Partial<Pick<GatewayConfig, 'logLevel'>>
  readonly overrides?: Pick<GatewayOverrides, 'clientLimits'>
}

const [file = '', store = '', leaseMs = '', workers = '', changes = '{}'] = process.argv.slice(2)
const { config, overrides }: ProcessChanges = JSON.parse(changes)
const stop = shutdownSignal()
await using gateway = await startGateway(testConfig({ files: [file], store, workers: Number(workers), ...config }), {
  leaseMs: Number(leaseMs),
  ...overrides
})
process.stdout.write(`ready on ${gateway.url} (admin ${gateway.adminUrl})\n`)
await stop
