import { createServer } from 'node:http'
import { it } from 'vitest'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { residentMiB } from '../helpers/resident-memory.ts'
import { startSlowReaders } from '../helpers/slow-readers.ts'
import { waitFor } from '../helpers/wait-for.ts'

const MiB = 2 ** 20

it.runIf(process.platform === 'linux')(
  'readers who take next to nothing of long streams do not grow the memory',
  async () => {
    const piece = Buffer.from(`${JSON.stringify('x'.repeat(64 * 1024))}\n`)
    let given = 0
    const step = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const give = (): void => {
        do given += piece.length
        while (response.write(piece))
      }
      response.on('drain', give)
      give()
    })
    const port = await listenOnLoopback(step)
    await using stopped = new AsyncDisposableStack()
    stopped.defer(() => {
      step.closeAllConnections()
      step.close()
    })
    await using gateway = await startKillableGateway({ steps: [`http://127.0.0.1:${port}`], store: 'sqlite::memory:' })
    const { pid } = gateway.process
    const before = residentMiB(pid)
    using _ = startSlowReaders(gateway.url, { readers: 50, octets: 1024, everyMs: 100 })
    const stalled = { at: 0, since: performance.now() }
    await waitFor(
      () => {
        if (given - stalled.at > 4 * MiB) Object.assign(stalled, { at: given, since: performance.now() })
        return given > 50 * MiB && performance.now() - stalled.since > 1500
      },
      { what: 'the streams to be held up', timeoutMs: 30_000 }
    )
    // Octets under way wait in the buffers of the system, not in the gateway, once its garbage is collected.
    await waitFor(() => residentMiB(pid) - before < 128, { what: 'memory that has not grown', timeoutMs: 20_000 })
  }
)
