import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import type { ProcessExit, ProcessOptions } from '../helpers/process.ts'
import { ProcessOutput } from '../helpers/process-output.ts'
import { builtProgram } from '../programs/built-program.ts'

const columns = 100

export interface OnTerminal extends AsyncDisposable {
  /** The octets that the terminal was sent so far. */
  readonly shown: () => string
  readonly exit: Promise<ProcessExit>
  waitForLine(pattern: RegExp): Promise<RegExpExecArray>
  /** The keys as the octets that a terminal sends for them. */
  type(keys: string): void
  /** Ctrl-C. */
  interrupt(): void
}

/** `sluice` on a terminal of 100 columns, without colours. `input`: a file that it reads in place of the terminal. */
export async function startOnTerminal(
  args: readonly string[],
  { env, cwd, input }: ProcessOptions & { readonly input?: string } = {}
): Promise<OnTerminal> {
  const main = await builtProgram('src/main.ts')
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  const quoted = [process.execPath, main, ...args].map(arg => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ')
  const command = `stty cols ${columns} rows 40 -onlcr; exec ${quoted}${input === undefined ? '' : ` < ${input}`}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', SHELL: '/bin/sh', TERM: 'xterm', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe']
  })
  const output = new ProcessOutput(child)
  await once(child, 'spawn')
  // It may have ended when its terminal is taken away.
  child.stdin.on('error', () => {})
  const exit = once(child, 'close').then(([code, signal]): ProcessExit => ({ code, signal }))
  return {
    shown: () => output.stdout,
    exit,
    waitForLine: pattern => output.waitForLine(pattern, 30_000),
    type: keys => void child.stdin.write(keys),
    interrupt: () => void child.stdin.write('\x03'),
    async [Symbol.asyncDispose]() {
      // The end of `script` hangs the terminal up, which ends whoever is on it.
      child.kill('SIGTERM')
      await exit
    }
  }
}

/** Lines of what was shown that a terminal of 100 columns would fold; a line that was written over is several. */
export const folded = (shown: string): readonly string[] =>
  stripVTControlCharacters(shown)
    .split(/[\r\n]+/)
    .filter(line => line.length > columns)
