import type { Environment } from './environment.ts'

/** The meaning of the names in a definition. */
export interface Scope {
  readonly namespace: string
  /** `name`, `namespace/name` or `Kind/namespace/name` of a ref to its URL. */
  readonly resolve: ReadonlyMap<string, string>
  /** The folder that relative paths start from. */
  readonly baseDir: string
  /** The variables that paths of files may refer to; `undefined`: nothing. */
  readonly environment: Environment | undefined
}
