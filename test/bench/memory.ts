import { once } from 'node:events'
import type { RunningProcess } from '../helpers/process.ts'

export interface Memory {
  readonly heapBytes: number
  readonly rssBytes: number
}

/** Options of node that `readMemory` needs. */
export const memoryOptions = ['--inspect=127.0.0.1:0']

/** The memory that the process holds after a full garbage collection, asked through its inspector. */
export async function readMemory(process: RunningProcess): Promise<Memory> {
  const [, address = ''] = await process.waitForLine(/^Debugger listening on (\S+)/)
  const inspector = new WebSocket(address)
  try {
    await once(inspector, 'open', { signal: AbortSignal.timeout(10_000) })
    await call(inspector, 'HeapProfiler.collectGarbage', {})
    const expression = 'JSON.stringify(process.memoryUsage())'
    const answer = await call(inspector, 'Runtime.evaluate', { expression })
    const { heapUsed, rss } = JSON.parse(answer.result.result.value)
    return { heapBytes: heapUsed, rssBytes: rss }
  } finally {
    inspector.close()
  }
}

/** One call at a time, so the next message is its answer. */
async function call(inspector: WebSocket, method: string, params: object) {
  const answered = once(inspector, 'message', { signal: AbortSignal.timeout(60_000) })
  inspector.send(JSON.stringify({ id: 1, method, params }))
  const [message] = await answered
  return JSON.parse(message.data)
}
