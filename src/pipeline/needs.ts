import { nestingsOf } from './nesting.ts'

/** `namespace/name` of each pipeline that one needs to serve: those that its steps nest. */
export const needsOf = (spec: { readonly steps: unknown }, namespace: string): ReadonlySet<string> =>
  new Set([...nestingsOf(spec, namespace)].map(({ pipeline }) => pipeline))
