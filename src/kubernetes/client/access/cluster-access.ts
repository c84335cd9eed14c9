/** Where an API server is, and as whom to speak to it. Each look sees what the files say now. */
export interface ClusterAccess {
  /** `https://host:port`, and a path where a proxy is in front. */
  readonly server: string
  /** Of the context, or of the pod. */
  readonly namespace: string
  /** The name that the server's certificate is for; `undefined`: that of `server`. */
  readonly serverName: string | undefined
  /** Whoever answers is believed. */
  readonly insecure: boolean
  /** Certificates in PEM that the server must be signed by; `undefined`: those of the system. */
  ca(): string | undefined
  /** Rejects where nobody gives any; the signal ends a program that is asked for them. */
  credentials(signal: AbortSignal): Promise<Credentials>
}

/** All may be missing: then the caller is anonymous. */
export interface Credentials {
  readonly token: string | undefined
  /** In PEM; both or none. */
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** The API server cannot be found, or what says so is faulty; the message says what to do. */
export class NoCluster extends Error {
  override readonly name = 'NoCluster'
}
