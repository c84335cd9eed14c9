import { readFileSync } from 'node:fs'

/** Time that passes for the processes of a test, and stands still while others have the processors. */
export interface FairClock {
  /** Milliseconds since the start, without those that the processes were kept waiting for a processor. */
  elapsed(): number
}

/**
 * A clock for what is awaited from this process and the given ones: a busy machine does not make it run faster. The
 * kernel counts how long a process could run and had no processor; where it does not tell, this is the clock on the wall.
 * Processes that wait at the same time are counted twice, so it never shows less than the time that one of them ran.
 */
export function startFairClock(...others: readonly number[]): FairClock {
  const pids = [process.pid, ...others]
  const startedAt = performance.now()
  const before = pids.map(scheduled)
  return {
    elapsed() {
      const since = pids.map((pid, i) => spentSince(scheduled(pid), before[i]))
      const waitedMs = since.reduce((sum, { waited }) => sum + waited, 0)
      return Math.max(performance.now() - startedAt - waitedMs, ...since.map(({ ran }) => ran))
    }
  }
}

/** Milliseconds of the main thread of a process since it started. */
interface Scheduled {
  readonly ran: number
  /** It could run, and had no processor. */
  readonly waited: number
}

const spentSince = (now: Scheduled, before: Scheduled = neverScheduled): Scheduled => ({
  ran: Math.max(0, now.ran - before.ran),
  waited: Math.max(0, now.waited - before.waited)
})

const neverScheduled: Scheduled = { ran: 0, waited: 0 }

/** `/proc/PID/schedstat`: time on a processor, time waiting for one, both in nanoseconds, and a count. */
function scheduled(pid: number): Scheduled {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 }
  } catch {
    return neverScheduled
  }
}
