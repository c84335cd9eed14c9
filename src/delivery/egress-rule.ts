/** The addresses that the gateway may connect to. */
export type EgressRule =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'public' }
  /** Host names (exact, lower case), addresses and CIDR blocks. */
  | { readonly kind: 'allow'; readonly entries: readonly string[] }
