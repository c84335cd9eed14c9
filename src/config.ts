/** Everything that a gateway can be told. Resolved: nothing is optional that has a default. */
export interface GatewayConfig {
  /** Definition files and directories (their *.yaml, *.yml, *.json, not recursive). */
  readonly files: readonly string[]
  /** Bind address of the data plane. */
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  /** Bearer token of the admin plane; required when `adminHost` is not loopback. */
  readonly adminToken: string | undefined
  /** Bearer token of the data plane; `undefined`: open. */
  readonly authToken: string | undefined
  /** What steps may be called: `cluster` (all but link-local and cloud metadata), `public`, or an allow-list. */
  readonly egress: EgressRule
  /** `name`, `namespace/name` or `Kind/namespace/name` of a ref to its URL. */
  readonly resolve: ReadonlyMap<string, string>
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** How long a shutdown waits for what is in flight, in milliseconds. */
  readonly shutdownGraceMs: number
}

export type EgressRule =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'public' }
  /** Host names (exact, lower case), addresses and CIDR blocks. */
  | { readonly kind: 'allow'; readonly entries: readonly string[] }
