import { fileURLToPath } from 'node:url'
import { startProcess, type ProcessOptions, type RunningProcess } from './process.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `sluice` with these arguments, as a process; of the environment's `SLUICE_*` it sees only what `env` has. */
export function startCli(args: readonly string[], { env, cwd }: ProcessOptions = {}): Promise<RunningProcess> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  const options = { env: { ...Object.fromEntries(inherited), ...env }, ...(cwd === undefined ? {} : { cwd }) }
  return startProcess(process.execPath, [main, ...args], options)
}
