import { Agent, request } from 'undici'
import { setTimeout as delay } from 'node:timers/promises'

/** How the calls of honest callers went. */
export interface HonestCalls {
  readonly answered: number
  /** The ends of the others: a status, or what was thrown. */
  readonly failures: readonly string[]
  readonly p99Ms: number
}

/**
 * So many callers, each with a connection of its own, who call again a moment after each answer, for so many milliseconds
 * or until they are told to stop.
 */
export async function callHonestly(url: string, callers: number, until: number | AbortSignal): Promise<HonestCalls> {
  const signal = typeof until === 'number' ? AbortSignal.timeout(until) : until
  const times: number[] = []
  const failures: string[] = []
  const call = async (dispatcher: Agent): Promise<void> => {
    const startedAt = performance.now()
    try {
      const { statusCode, body } = await request(url, { method: 'POST', body: '{"text":"hello"}', dispatcher })
      const text = await body.text()
      if (statusCode !== 200) failures.push(`${statusCode} ${text}`)
    } catch (thrown) {
      failures.push(String(thrown))
    }
    times.push(performance.now() - startedAt)
  }
  await Promise.all(
    Array.from({ length: callers }, async () => {
      await using dispatcher = createAgent()
      while (!signal.aborted) {
        await call(dispatcher.agent)
        await delay(20)
      }
    })
  )
  times.sort((a, b) => a - b)
  return { answered: times.length - failures.length, failures, p99Ms: times[Math.floor(times.length * 0.99)] ?? 0 }
}

function createAgent() {
  const agent = new Agent({ connections: 1 })
  return { agent, [Symbol.asyncDispose]: () => agent.destroy() }
}
