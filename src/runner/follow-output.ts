import type { Readable } from 'node:stream'
import type { LineOutput } from '../telemetry/line-output.ts'
import type { Logger } from '../telemetry/log.ts'
import type { GuardedProcess } from './guard.ts'
import { LineReader } from './line-reader.ts'
import { OutputAllowance } from './output-allowance.ts'
import { within } from '../telemetry/within.ts'

/** Lines of standard error that may hold the cause of a failure. */
const keptLines = 20
/** The end of what is dropped is still looked at for them, so many octets of each piece. */
const lookedAt = 4096
/** A process waits for the reader of our output so long, in milliseconds; then its lines are dropped. */
const patienceMs = 1_000

export interface FollowOutputDeps {
  readonly output: LineOutput
  readonly log: Pick<Logger, 'warn'>
}

/**
 * Passes both outputs on, with the step in front of each line; gives the last lines of standard error as they come. A
 * process that floods us, or whose lines nobody reads, loses lines, and holds nobody up.
 */
export function followOutput(
  { stdout, stderr }: Pick<GuardedProcess, 'stdout' | 'stderr'>,
  key: string,
  { output, log }: FollowOutputDeps
): readonly string[] {
  const last: string[] = []
  const keep = (line: string): void => {
    if (last.push(line) > keptLines) last.shift()
  }
  const allowance = new OutputAllowance(dropped =>
    log.warn({ process: key, dropped }, 'lines of a step process were dropped: there were too many to pass on')
  )
  const prefix = `[${key.replace(/^default\//, '')}]`
  follow(stdout, { prefix, allowance, output, seen: () => {} })
  follow(stderr, { prefix, allowance, output, seen: keep })
  return last
}

interface Following {
  readonly prefix: string
  readonly allowance: OutputAllowance
  readonly output: LineOutput
  /** Is given the lines, and of those that are dropped the last ones. */
  readonly seen: (line: string) => void
}

function follow(stream: Readable, { prefix, allowance, output, seen }: Following): void {
  const lines = new LineReader()
  let passed = ''
  let patient = true
  const take = (line: string): void => {
    seen(line)
    if (allowance.takes(line.length)) passed += `${prefix} ${line}\n`
  }
  const pass = (): void => {
    if (passed !== '') output.write(passed)
    passed = ''
  }
  const drop = (chunk: Buffer): void => {
    allowance.drop(chunk)
    lines.restart()
    lines.push(chunk.subarray(-lookedAt), seen)
  }
  const pauseFor = async (room: Promise<unknown>): Promise<void> => {
    stream.pause()
    await room
    stream.resume()
  }
  stream.on('data', (chunk: Buffer) => {
    patient ||= !output.behind
    if (allowance.spent || !patient) drop(chunk)
    else lines.push(chunk, take)
    pass()
    if (output.behind && patient) {
      void pauseFor(within(patienceMs, output.caughtUp()).then(inTime => (patient = inTime)))
    } else if (allowance.readable !== undefined) void pauseFor(allowance.readable)
  })
  stream.on('end', () => {
    lines.end(take)
    pass()
  })
  stream.on('error', () => {})
}
