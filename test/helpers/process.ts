import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { ProcessOutput } from './process-output.ts'
import { patienceMs } from './wait-for.ts'

const terminationMs = 2000

export interface ProcessOptions {
  /** The whole environment; as it is here when left out. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  /** Its output so far, and waiting for a line of it. */
  readonly output: ProcessOutput
  /** When it has ended and all its output has been read. */
  readonly exit: Promise<ProcessExit>
  /** The first whole line, of either output, that matches; fails when the process ends without it. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
}

/** A child process whose output is kept; disposing of it ends it, by force if need be. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {}
): Promise<RunningProcess> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = new ProcessOutput(child)
  await once(child, 'spawn')
  const exit = once(child, 'close').then(([code, signal]): ProcessExit => ({ code, signal }))
  return {
    pid: child.pid ?? 0,
    output,
    exit,
    waitForLine: (pattern, timeoutMs = patienceMs) => output.waitForLine(pattern, timeoutMs),
    kill: signal => void child.kill(signal),
    [Symbol.asyncDispose]: () => terminate(child, exit)
  }
}

/** Politely first, so that a gateway ends the processes of its steps; a process that is stopped wakes up for it. */
async function terminate(child: ChildProcess, exit: Promise<ProcessExit>): Promise<void> {
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  const force = setTimeout(() => child.kill('SIGKILL'), terminationMs)
  await exit
  clearTimeout(force)
}
