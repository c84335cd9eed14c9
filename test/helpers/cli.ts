import { join } from 'node:path'
import { builtProgram } from '../programs/built-program.ts'
import { startProcess, type ProcessOptions, type RunningProcess } from './process.ts'

/** `sluice` with these arguments, as a process; of the environment's `SLUICE_*` it sees only what `env` has. */
export async function startCli(args: readonly string[], options?: ProcessOptions): Promise<RunningProcess> {
  return startMain(await builtProgram('src/main.ts'), args, options)
}

/** The same from the files of the checkout, for tests that look at what gets loaded. */
export const startCheckout = (args: readonly string[], options?: ProcessOptions): Promise<RunningProcess> =>
  startMain(join(import.meta.dirname, '../../src/main.ts'), args, options)

async function startMain(main: string, args: readonly string[], { env, cwd }: ProcessOptions = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  const options = { env: { ...Object.fromEntries(inherited), ...env }, ...(cwd === undefined ? {} : { cwd }) }
  return startProcess(process.execPath, [main, ...args], options)
}
