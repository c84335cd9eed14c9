import { readFileSync } from 'node:fs'

/** Whether the process runs. One that has ended and is only not reaped yet, which nobody may ever do, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !/^\d+ \(.*\) Z/s.test(statOf(pid))
}

/** Linux tells the state of a process there; on other systems nothing is there. */
function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return ''
  }
}
