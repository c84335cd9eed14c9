import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { it } from 'vitest'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { waitFor } from '../helpers/wait-for.ts'

const MiB = 2 ** 20

/** Of the memory of a process, what it has in RAM. */
const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

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
    const readers = Array.from({ length: 50 }, () => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => {
        socket.write('POST /default/test HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}')
        socket.pause()
      })
      stopped.defer(() => void socket.destroy())
      return socket
    })
    // A kilobyte now and then.
    const reading = setInterval(() => {
      for (const socket of readers) socket.read(1024)
    }, 100)
    stopped.defer(() => clearInterval(reading))
    const stalled = { at: 0, since: performance.now() }
    await waitFor(
      () => {
        if (given - stalled.at > 4 * MiB) Object.assign(stalled, { at: given, since: performance.now() })
        return given > 50 * MiB && performance.now() - stalled.since > 1500
      },
      { what: 'the streams to be held up', timeoutMs: 30_000 }
    )
    // What is under way waits in the buffers of the system, not in the gateway, once its garbage is collected.
    await waitFor(() => residentMiB(pid) - before < 128, { what: 'memory that has not grown', timeoutMs: 20_000 })
  }
)
