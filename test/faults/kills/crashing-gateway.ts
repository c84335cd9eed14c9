import { startGateway } from '../../../src/gateway.ts'
import { testConfig } from '../../helpers/gateway.ts'
import { crashAt, type CrashPoint } from './crash-at.ts'

/* A process of its own: a gateway that ends, as if by `kill -9`, at one point of its work with the ledger. */

const [file = '', store = '', leaseMs = '', , point = ''] = process.argv.slice(2)
const crashPoint: CrashPoint = JSON.parse(point)
const gateway = await startGateway(testConfig({ files: [file], store }), {
  leaseMs: Number(leaseMs),
  decorate: ledger => crashAt(ledger, crashPoint)
})
process.stdout.write(`ready on ${gateway.url} (admin ${gateway.adminUrl})\n`)
