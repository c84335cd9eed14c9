import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
}

/**
 * npm leaves out the packages of other platforms when it writes the file beside modules that are installed already, and
 * `npm ci` refuses what is left. `npm install --package-lock-only`, in a folder without modules, brings them back.
 */
it('names every package that a locked one depends on, those of other platforms too', async () => {
  const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8')
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(text)
  const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter(name => !placesOf(name, place).some(each => each in packages))
      .map(name => `${name}, of ${place}`)
  )
  expect(missing).toEqual([])
})

/** Where Node looks for a package: in the folder of the one that needs it, and in those around that. */
function placesOf(name: string, place: string): readonly string[] {
  const around = place.split(/\/?node_modules\//)
  return around.map((_, i) => [...around.slice(0, around.length - i), name].join('/node_modules/').replace(/^\//, ''))
}
