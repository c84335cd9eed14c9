import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { startProcess, type RunningProcess } from '../../helpers/process.ts'
import { builtProgram } from '../../programs/built-program.ts'
import type { Ran } from './cluster.ts'

export interface PersonShell {
  /** Runs a line to its end. */
  run(line: string): Promise<Ran>
  /** Starts a line that goes on, as `&` would; it is one program with its arguments and variables. */
  start(line: string): Promise<RunningProcess>
}

/** bash in which `sluice` and `kubectl` are programs, and KUBECONFIG names the cluster, as on a person's machine. */
export async function createPersonShell(folder: string, kubeconfig: string): Promise<PersonShell> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeProgram(join(bin, 'sluice'), `'${process.execPath}' '${await builtProgram('src/main.ts')}'`)
  await writeProgram(join(bin, 'kubectl'), `'${inject('programs').kubectl}'`)
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  const env = {
    ...Object.fromEntries(inherited),
    KUBECONFIG: kubeconfig,
    // Where kubectl keeps what it knows of a cluster.
    HOME: folder,
    PATH: `${bin}:${process.env['PATH']}`
  }
  return {
    async run(line) {
      await using ran = await startProcess('bash', ['-o', 'pipefail', '-c', line], { env })
      const { code } = await ran.exit
      return { code: code ?? 1, stdout: ran.output.stdout, stderr: ran.output.stderr }
    },
    start: line => startProcess('bash', ['-c', `exec env ${line}`], { env })
  }
}

async function writeProgram(file: string, command: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\nexec ${command} "$@"\n`)
  await chmod(file, 0o755)
}
