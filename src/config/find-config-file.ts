import { readFile } from 'node:fs/promises'
import type { ConfigFile } from './config-file.ts'

/** The file that was named, which must be there, or `sluice.yaml` in the working directory, which need not. */
export async function findConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  const file = named ?? 'sluice.yaml'
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (missing && named === undefined) return undefined
    throw error
  }
}
