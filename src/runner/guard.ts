import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { guardScript } from './guard-script.ts'
import { within } from '../telemetry/within.ts'

/**
 * A command that does not outlive the gateway, and neither does what it starts; only a process that makes itself the
 * leader of another group is out of reach. Both outputs have to be read.
 */
export interface GuardedProcess {
  /** Of the guard, which leads the group. */
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /**
   * When the command itself has ended: its exit code as a shell gives it, 128 + n if signal n ended it. `undefined`:
   * its guard was killed. Processes that the command started may still run.
   */
  readonly ended: Promise<number | undefined>
  /** Ends the whole group: TERM, and KILL after the grace. Resolves when everybody has ended or was sent the KILL. */
  stop(): Promise<void>
}

export interface GuardOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** From TERM to KILL, in milliseconds. */
  readonly graceMs: number
}

/** Starts the command behind its guard, in a process group of their own. Throws if the guard cannot be started. */
export async function spawnGuarded({ command, cwd, env, graceMs }: GuardOptions): Promise<GuardedProcess> {
  const graceSeconds = String(Math.ceil(graceMs / 1000))
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sluice-guard', graceSeconds, ...command], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'pipe']
  })
  await once(guard, 'spawn').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new Error(`there is no folder ${cwd}`, { cause }) : cause
  })
  const [stdin, stdout, stderr, , reports] = guard.stdio as [Writable, Readable, Readable, null, Readable]
  const { started, ended } = readReports(reports)
  const gone = once(guard, 'exit')
  const silent = Promise.allSettled([stdout, stderr].map(output => finished(output, { writable: false })))
  // A guard that is gone cannot be dismissed, and need not be.
  stdin.on('error', () => {})

  const stop = async (): Promise<void> => {
    await started
    signalGroup(guard, 'SIGTERM')
    if (await within(graceMs, Promise.all([ended, silent]))) stdin.end('\n')
    else signalGroup(guard, 'SIGKILL')
    await gone
    // A process that closed its output was not waited for.
    signalGroup(guard, 'SIGKILL')
    for (const stream of guard.stdio) stream?.destroy()
  }
  let stopped: Promise<void> | undefined
  return { pid: guard.pid ?? 0, stdout, stderr, ended, stop: () => (stopped ??= stop()) }
}

/** The guard writes `started`, and the exit code of the command when that has ended; it may be killed before either. */
function readReports(reports: Readable): { started: Promise<void>; ended: Promise<number | undefined> } {
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<number | undefined>()
  let text = ''
  reports.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    started.resolve()
    const code = /^started\n(\d+)\n$/.exec(text)?.[1]
    if (code !== undefined) ended.resolve(Number(code))
  })
  reports.on('error', () => {})
  reports.once('close', () => {
    started.resolve()
    ended.resolve(undefined)
  })
  return { started: started.promise, ended: ended.promise }
}

/** Signals the whole group. A group that is gone already is not a fault. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nobody is left.
  }
}
