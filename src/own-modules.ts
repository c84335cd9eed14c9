import { enableCompileCache, registerHooks } from 'node:module'

/**
 * Prepares the loading of the program's own files: compiled code is kept between starts, and an import of a file beside
 * is the URL that it says. Node would look for the file, its links and its package.json, once for each import.
 */
export function loadOwnModules(main: string): void {
  enableCompileCache()
  const own = main.slice(0, main.lastIndexOf('/') + 1)
  const format = main.endsWith('.ts') ? 'module-typescript' : 'module'
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && context.parentURL?.startsWith(own) === true
        ? { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true }
        : next(specifier, context)
  })
}
