import { startCli } from '../helpers/cli.ts'
import { startProcess, type ProcessOptions } from '../helpers/process.ts'
import { builtProgram } from '../programs/built-program.ts'

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions extends ProcessOptions {
  /** A file to read stdin from; nothing comes in when it is left out. */
  readonly stdin?: string
}

/** Runs `sluice` to its end. */
export async function sluice(args: readonly string[], { stdin, ...options }: CliOptions = {}): Promise<CliResult> {
  const main = await builtProgram('src/main.ts')
  const redirected = ['-c', 'exec "$@" < "$0"', stdin ?? '', process.execPath, main, ...args]
  await using cli = await (stdin === undefined ? startCli(args, options) : startProcess('sh', redirected, options))
  const { code } = await cli.exit
  return { code, stdout: cli.output.stdout, stderr: cli.output.stderr }
}
