import type { ProcessSpec } from './process-spec.ts'

/** A header of a call: where its value is, which is looked up when it is sent. */
export interface CallHeader {
  /** Lower-case. */
  readonly name: string
  readonly source: HeaderSource
}

export type HeaderSource =
  /** As it was written, with its variables. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'env'; readonly variable: string; readonly prefix: string }
  /** The path is absolute. */
  | { readonly kind: 'file'; readonly path: string; readonly prefix: string }
  /** A token of Kubernetes for an audience, for the namespace of the pipeline. */
  | { readonly kind: 'token'; readonly namespace: string; readonly audience: string }
  /** A key of a Kubernetes Secret in the namespace of the pipeline. */
  | {
      readonly kind: 'secretKeyRef'
      readonly namespace: string
      readonly secret: string
      readonly key: string
      readonly prefix: string
    }

/** A header and who sends it, as in `the fallback of step "score"`. */
export interface HeaderUse extends CallHeader {
  readonly sender: string
}

/** An audience and who calls the destination that has it. */
export interface AudienceUse {
  readonly sender: string
  readonly audience: string
}

export interface UrlDestination {
  readonly kind: 'url'
  readonly url: string
  readonly headers: readonly CallHeader[]
  /** PEM, in place of the certificates that the machine trusts. */
  readonly caCerts: string | undefined
  /** `Kind/namespace/name` of the reference that led to the URL; `undefined`: it was written as it is. */
  readonly ref: string | undefined
  /** Of the token that is sent along on Kubernetes. */
  readonly audience?: string
}

export type Destination =
  | UrlDestination
  /** A local process that the gateway runs; its URL is known while it is ready. */
  | { readonly kind: 'process'; readonly process: ProcessSpec; readonly headers: readonly CallHeader[] }
  /** An entry of a Redis stream. */
  | {
      readonly kind: 'redisStream'
      readonly url: string
      readonly stream: string
      readonly headers: readonly CallHeader[]
    }
  /** A line of the log; `data`: with what the event carries. */
  | { readonly kind: 'log'; readonly data: boolean; readonly headers: readonly CallHeader[] }
  /** A `ref` that nothing resolves here, as `Kind/namespace/name`; `isCanary`: of what is deployed, and was never ready. */
  | { readonly kind: 'unresolved'; readonly ref: string; readonly audience?: string; readonly isCanary?: true }
