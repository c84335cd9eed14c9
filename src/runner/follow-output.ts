import type { GuardedProcess } from './guard.ts'
import { readLines } from './read-lines.ts'

/** Lines of standard error that may hold the cause of a failure. */
const keptLines = 20

/** Passes both outputs on, with the step in front of each line; gives the last lines of standard error as they come. */
export function followOutput(
  { stdout, stderr }: GuardedProcess,
  key: string,
  write: (line: string) => void
): readonly string[] {
  const prefix = `[${key.replace(/^default\//, '')}]`
  const last: string[] = []
  readLines(stdout, line => write(`${prefix} ${line}`))
  readLines(stderr, line => {
    write(`${prefix} ${line}`)
    if (last.push(line) > keptLines) last.shift()
  })
  return last
}
