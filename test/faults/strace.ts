import { spawnSync } from 'node:child_process'
import { startProcess, type RunningProcess } from '../helpers/process.ts'

/**
 * Attaches strace to the process and all its threads, until it is disposed. `undefined`, and a line on stderr that says
 * what is not shown: there is no strace here, or it may not attach.
 */
export async function attachStrace(
  pid: number,
  args: readonly string[],
  notShown: string
): Promise<RunningProcess | undefined> {
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) {
    process.stderr.write(`strace cannot be used here (apt-get install strace): not shown: ${notShown}\n`)
    return undefined
  }
  const strace = await startProcess('strace', ['-f', '-p', String(pid), ...args])
  try {
    await strace.waitForLine(/Process \d+ attached/, 5_000)
    return strace
  } catch (error) {
    process.stderr.write(`strace cannot attach (${String(error)}): not shown: ${notShown}\n`)
    await strace[Symbol.asyncDispose]()
    return undefined
  }
}
