import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A process whose standard error is read only when the test wants it. */
export interface UnreadProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Its standard output so far. */
  stdout(): string
  /** Reads standard error from now on; gives what came so far. */
  read(): string
  /** Nobody will ever read it. */
  goAway(): void
}

export interface UnreadCommand {
  readonly args: readonly string[]
  readonly cwd?: string
}

/** Node with these arguments; its standard error is what Node itself makes for a child, or what a shell makes. */
export type StartUnread = (command: UnreadCommand) => Promise<UnreadProcess>

const follow = (child: ChildProcess): (() => string) => {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += more))
  return () => text
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

export const startOnSocket: StartUnread = async ({ args, cwd = process.cwd() }) => {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  await once(child, 'spawn')
  let text = ''
  let reading = false
  return {
    child,
    stdout: follow(child),
    read() {
      if (!reading) child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more))
      reading = true
      return text
    },
    goAway: () => void child.stderr.destroy(),
    [Symbol.asyncDispose]: () => end(child)
  }
}

export const startOnPipe: StartUnread = async ({ args, cwd = process.cwd() }) => {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const path = join(folder.path, 'stderr')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, 'w')
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', writer] })
  opened.defer(() => end(child))
  closeSync(writer)
  await once(child, 'spawn')
  const owned = opened.move()
  let text = ''
  const octets = Buffer.alloc(64 * 1024)
  return {
    child,
    stdout: follow(child),
    read() {
      text += readNow(reader, octets)
      return text
    },
    goAway: () => closeSync(reader),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** All that is there now. */
function readNow(fd: number, octets: Buffer): string {
  let text = ''
  try {
    for (let read = -1; read !== 0; text += octets.toString('latin1', 0, read)) read = readSync(fd, octets)
  } catch {
    // Nothing more, and nobody who would write it has closed it.
  }
  return text
}

/** Waits for a line on standard output, and gives what the pattern found. */
export const saidLine = ({ stdout, child }: UnreadProcess, pattern: RegExp): Promise<RegExpExecArray> =>
  waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${stdout()}`)
      return pattern.exec(stdout()) ?? undefined
    },
    { what: `a line like ${pattern}`, timeoutMs: 60_000 }
  )
