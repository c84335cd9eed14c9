import { cp, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageFile } from '../../own-files.ts'

export interface InitOptions {
  readonly python?: boolean
}

const examplesFolder = fileURLToPath(packageFile('examples/'))

/** Copies an example into the folder, and says how to go on; a file that is there already is never written over. */
export async function init(folder: string, { python = false }: InitOptions): Promise<void> {
  const source = join(examplesFolder, python ? 'python' : 'node')
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map(({ parentPath, name }) => relative(source, join(parentPath, name)))
    .sort()
  const there = await existing(files.map(file => join(folder, file)))
  if (there.length > 0) throw new Error(`nothing was written: ${there.join(', ')} would be written over`)
  for (const file of files) await cp(join(source, file), join(folder, file))
  const enter = folder === '.' ? '' : `cd ${folder}, then `
  process.stdout.write(`${files.map(file => `wrote ${join(folder, file)}\n`).join('')}
${enter}start it with:   sluice run
and call it:     sluice send comments -d '{"text": "I love it"}'
`)
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined)
    if (entry !== undefined) found.push(path)
  }
  return found
}
