import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { guardScript } from './guard-script.ts'

/** A command that cannot outlive the gateway, and neither can what it starts. */
export interface GuardedProcess {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the command itself has ended; what it started may still run. */
  readonly ended: Promise<CommandEnd>
  /** Ends the whole group, TERM first, KILL after the grace. Resolves when nobody is left and all output was read. */
  stop(): Promise<void>
}

export type CommandEnd =
  /** `code` is the shell's: 127 for a program that was not found, 128 + n for one that signal n ended. */
  | { readonly kind: 'exited'; readonly code: number }
  /** The guard was killed, and whatever it guarded with it. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'notSpawned'; readonly error: Error }

export interface GuardOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** From TERM to KILL, in milliseconds. */
  readonly graceMs: number
}

/** Starts the command behind its guard, in a process group of their own. */
export function spawnGuarded({ command, cwd, env, graceMs }: GuardOptions): GuardedProcess {
  const graceSeconds = String(Math.ceil(graceMs / 1000))
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sluice-guard', graceSeconds, ...command], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'pipe']
  })
  const [stdin, stdout, stderr, , reports] = guard.stdio as [Writable, Readable, Readable, null, Readable]
  // A guard that is gone cannot be dismissed, and need not be.
  stdin.on('error', () => {})
  const { started, ended } = followReports(guard, reports)
  const gone = new Promise(resolve => guard.once('exit', resolve).once('error', resolve))
  const silent = Promise.allSettled([finished(stdout), finished(stderr)])

  const stop = async (): Promise<void> => {
    await started
    signalGroup(guard, 'SIGTERM')
    if (await within(graceMs, Promise.all([ended, silent]))) stdin.end('\n')
    else signalGroup(guard, 'SIGKILL')
    await gone
    // Only a process that has closed its output, or left it to nobody, can be left.
    signalGroup(guard, 'SIGKILL')
    for (const stream of guard.stdio) stream?.destroy()
  }
  let stopped: Promise<void> | undefined
  return { stdout, stderr, ended, stop: () => (stopped ??= stop()) }
}

/** The guard writes `started`, and later the exit code of the command. It may be killed, or not exist, before either. */
function followReports(guard: ChildProcess, reports: Readable): { started: Promise<void>; ended: Promise<CommandEnd> } {
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<CommandEnd>()
  let text = ''
  reports.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    started.resolve()
    const code = /^started\n(\d+)\n$/.exec(text)?.[1]
    if (code !== undefined) ended.resolve({ kind: 'exited', code: Number(code) })
  })
  reports.on('error', () => {})
  guard.once('error', error => ended.resolve({ kind: 'notSpawned', error }))
  guard.once('close', () => ended.resolve({ kind: 'killed' }))
  guard.once('exit', () => reports.once('close', () => ended.resolve({ kind: 'killed' })))
  void ended.promise.then(() => started.resolve())
  return { started: started.promise, ended: ended.promise }
}

/** Signals the whole group. A group that is gone already is no fault. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nobody is left.
  }
}

/** Whether the promise resolved within the time. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  const inTime = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return inTime
}
