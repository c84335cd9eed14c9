import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { DefinitionSource } from '../pipeline/validate/read-source.ts'

/** The definitions at these paths: `-` is stdin, a file is itself, a directory its *.yaml, *.yml and *.json in the order of their names. */
export async function readDefinitions(paths: readonly string[]): Promise<DefinitionSource[]> {
  const sources: DefinitionSource[] = []
  for (const path of paths) {
    if (path === '-') {
      sources.push({ file: 'stdin', text: await text(process.stdin) })
      continue
    }
    for (const file of await filesAt(path)) sources.push({ file, text: await readFile(file, 'utf8') })
  }
  return sources
}

/** The files that a path means. Rejects when there is nothing. */
export async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory() && isDefinition(entry.name))
    .map(({ name }) => join(path, name))
    .sort()
}

/** The configuration of the gateway may lie beside its definitions. */
const isDefinition = (name: string): boolean =>
  /\.(yaml|yml|json)$/.test(name) && !name.startsWith('.') && name !== 'sluice.yaml'
