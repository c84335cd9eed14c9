import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Program } from './programs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const build = fileURLToPath(new URL('build-programs.ts', import.meta.url))

let building: Promise<string> | undefined

/**
 * The program with all that it imports in few files of JavaScript. A child that loads it needs half of the processor time
 * that `src/` costs, with its thousand modules. They are built when somebody asks first, and again when a source changes.
 */
export async function builtProgram(program: Program): Promise<string> {
  building ??= buildAll()
  return join(await building, program.replace(/\.ts$/, '.js'))
}

async function buildAll(): Promise<string> {
  // Beside the packages, where those that are looked up by name are found.
  const folder = join(root, 'node_modules/.cache/sluice-programs', sumOfSources())
  await promisify(execFile)(process.execPath, [build, root, folder])
  return folder
}

function sumOfSources(): string {
  const files = globSync(['src/**/*.ts', 'test/**/*.ts', 'package-lock.json'], {
    cwd: root,
    exclude: name => name.endsWith('.test.ts')
  })
  const hash = createHash('sha256')
  for (const file of files.toSorted())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}
