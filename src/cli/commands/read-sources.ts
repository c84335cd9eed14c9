import { text } from 'node:stream/consumers'
import { readDefinitions } from '../../control/definitions.ts'
import type { DefinitionSource } from '../../pipeline/validate/read-source.ts'

/** The definitions at the paths of a command line, where `-` is stdin. */
export async function readSources(paths: readonly string[]): Promise<DefinitionSource[]> {
  const sources: DefinitionSource[] = []
  for (const path of paths) {
    if (path === '-') sources.push({ file: 'stdin', text: await text(process.stdin) })
    else sources.push(...(await readDefinitions([path])))
  }
  return sources
}
