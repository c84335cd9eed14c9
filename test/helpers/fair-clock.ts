import { readFileSync } from 'node:fs'

/** Time that passes for the processes of a test, and stands still while others have the processors. */
export interface FairClock {
  /** Milliseconds since the start, without those that the processes were kept waiting for a processor. */
  elapsed(): number
}

/**
 * A clock for what is awaited from this process and the given ones: a busy machine does not make it run faster. The
 * kernel counts how long a process could run and had no processor; where it does not tell, this is the clock on the wall.
 */
export function startFairClock(...others: readonly number[]): FairClock {
  const pids = [process.pid, ...others]
  const startedAt = performance.now()
  const waitedBefore = waitedMs(pids)
  return { elapsed: () => performance.now() - startedAt - (waitedMs(pids) - waitedBefore) }
}

/** How long the main threads of the processes have waited for a processor since they started. */
const waitedMs = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + waitedNs(pid) / 1e6, 0)

/** `/proc/PID/schedstat`: time on a processor, time waiting for one, both in nanoseconds, and a count. */
function waitedNs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}
