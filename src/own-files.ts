/**
 * A file of the program, by its path below this folder without its ending: TypeScript in a checkout, JavaScript in a
 * package, whose bundle has this file's text in the same folder.
 */
export const ownFile = (path: string): URL =>
  new URL(`./${path}${/\.[jt]s$/.exec(import.meta.url)?.[0]}`, import.meta.url)

/** A file that the package brings beside the program. */
export const packageFile = (path: string): URL => new URL(`../${path}`, import.meta.url)
