import { builtProgram } from '../programs/built-program.ts'
import { startProcess, type ProcessOptions, type RunningProcess } from './process.ts'

/** `sluice` with these arguments, as a process; of the environment's `SLUICE_*` it sees only what `env` has. */
export async function startCli(args: readonly string[], { env, cwd }: ProcessOptions = {}): Promise<RunningProcess> {
  const main = await builtProgram('src/main.ts')
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  const options = { env: { ...Object.fromEntries(inherited), ...env }, ...(cwd === undefined ? {} : { cwd }) }
  return startProcess(process.execPath, [main, ...args], options)
}
