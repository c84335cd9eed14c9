import { exitCodes } from './exit-codes.ts'

/** Says why the command failed, and lets the process end with its exit code. */
export function fail(message: string, exitCode: number = exitCodes.failed): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = exitCode
}
