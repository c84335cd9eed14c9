import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/**
 * The shell that stands between the gateway and a step process, in a process group of their own. Its standard input is
 * a pipe that only the gateway holds open: when that ends, because the gateway did, however it did, the whole group is
 * ended, grandchildren included.
 *
 * - The watcher reads the pipe in the background; the command's own input is empty.
 * - TERM goes to the whole group and so to the guard as well, which ignores it: it ends when the command does.
 * - The command comes as arguments and is never parsed.
 * - When the command ends, its grandchildren are ended with it: nothing may outlive the step that it belongs to.
 */
const guardScript = `
trap '' TERM INT HUP
exec 3<&0
( trap - TERM INT HUP; exec 3<&-; exec "$@" </dev/null ) &
child=$!
( while read -r _ <&3; do :; done; kill -TERM 0; sleep "$SLUICE_GUARD_GRACE"; kill -KILL 0 ) >/dev/null 2>&1 &
wait "$child"
code=$?
echo "$code" >&4
kill -KILL 0
`

export interface GuardedProcess {
  readonly pid: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  /** The command's exit code; `undefined`: it was killed with its group, or not even started. */
  readonly exited: Promise<number | undefined>
}

export interface GuardOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** From TERM to KILL when the gateway is gone, in milliseconds. */
  readonly graceMs: number
}

/** Starts the command behind its guard. */
export function spawnGuarded({ command, cwd, env, graceMs }: GuardOptions): GuardedProcess {
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sluice-step', ...command], {
    cwd,
    env: { ...env, SLUICE_GUARD_GRACE: String(graceMs / 1000) },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'pipe']
  })
  const [, stdout, stderr, , report] = guard.stdio as [Writable, Readable, Readable, null, Readable]
  return { pid: guard.pid, stdout, stderr, exited: exitCode(guard, report) }
}

function exitCode(guard: ChildProcess, report: Readable): Promise<number | undefined> {
  let text = ''
  report.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  report.on('error', () => {})
  return new Promise(resolve => {
    guard.on('error', () => resolve(undefined))
    guard.on('close', () => resolve(text === '' ? undefined : Number.parseInt(text, 10)))
  })
}

/** Signals the whole group. A group that is gone already is no fault. */
export function signalGroup(guard: GuardedProcess, signal: NodeJS.Signals): void {
  if (guard.pid === undefined) return
  try {
    process.kill(-guard.pid, signal)
  } catch {
    // ESRCH: nobody is left.
  }
}
