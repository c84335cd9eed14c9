import { DescriptorOutput, type LineOutput } from './line-output.ts'
import { nonBlocking } from './non-blocking.ts'

let opened: DescriptorOutput | undefined

/** The one standard error of this process. Neither a reader that stands still nor one that went away holds it up. */
export function standardError(): LineOutput {
  if (opened === undefined) {
    // Node makes a pipe or a socket non-blocking when it is first asked for, and reports there what becomes of its own
    // writes.
    process.stderr.on('error', () => {})
    const output = new DescriptorOutput(nonBlocking(2), tellDropped)
    process.on('exit', () => output.flush())
    opened = output
  }
  return opened
}

/** In the form of the log. */
function tellDropped(lines: number): string {
  const msg = 'lines were dropped here, since nobody read them in time'
  return `${JSON.stringify({ level: 40, time: Date.now(), service: 'sluice', dropped: lines, msg })}\n`
}
