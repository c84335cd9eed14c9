import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { programs } from './programs.ts'

/* A process of its own: `ROOT FOLDER`. Puts the programs of the project into the folder, unless it is there. */

const oldMs = 3_600_000

const [root = '', folder = ''] = process.argv.slice(2)
if (!existsSync(folder)) {
  await removeOld(dirname(folder))
  await buildInto(`${folder}.${process.pid}`)
}

/** Others may build the same: whoever is first has the folder. */
async function buildInto(own: string): Promise<void> {
  await mkdir(own, { recursive: true })
  // They are looked for where they lie in a checkout.
  for (const name of ['package.json', 'examples']) await symlink(join(root, name), join(own, name))
  await using bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input: Object.fromEntries(programs.map(program => [program.replace(/\.ts$/, ''), program])),
    external: /^node:/,
    plugins: [{ name: 'own-place', transform: (code, id) => inItsPlace(code, id) }],
    logLevel: 'silent'
  })
  await bundle.write({ dir: own, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' })
  await rename(own, folder).catch(() => rm(own, { recursive: true, force: true }))
}

/** A module looks for others beside itself: as it would lie in the folder, whatever part of the bundle it comes to be in. */
function inItsPlace(code: string, id: string): string | undefined {
  if (!id.endsWith('.ts') || !code.includes('import.meta.url')) return undefined
  const place = pathToFileURL(join(folder, id.slice(root.length).replace(/\.ts$/, '.js')))
  return code.replaceAll('import.meta.url', JSON.stringify(place.href))
}

async function removeOld(around: string): Promise<void> {
  const names = await readdir(around).catch(() => [])
  for (const name of names) {
    const path = join(around, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > oldMs) await rm(path, { recursive: true, force: true })
  }
}
