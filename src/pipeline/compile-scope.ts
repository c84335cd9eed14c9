import type { Environment } from './environment.ts'

/** Knows the URL of a ref by any of its keys. */
export interface Resolve {
  get(key: string): string | undefined
  /** Whether there are tokens for audiences here. */
  readonly hasTokens?: boolean
}

/** Has these addresses, and no others. */
export const withAddresses = ({ hasTokens = false }: Resolve, addresses: ReadonlyMap<string, string>): Resolve => ({
  get: key => addresses.get(key),
  hasTokens
})

/** The meaning of the names in a definition. */
export interface Scope {
  readonly namespace: string
  /** By its reference key, `name`, `namespace/name` or `Kind/namespace/name`: the URL of a ref. */
  readonly resolve: Resolve
  /** The folder that relative paths start from. */
  readonly baseDir: string
  /** The variables that paths of files may refer to; `undefined`: nothing. */
  readonly environment: Environment | undefined
}
