import type { Logger } from '../../telemetry/log.ts'
import { createApiClient } from '../client/api-client.ts'
import { findCluster } from '../client/access/find-cluster.ts'
import { Addresses } from '../cluster/addresses.ts'
import { AudienceTokens } from './audience-tokens.ts'
import { ClusterSecrets } from './cluster-secrets.ts'
import { KubernetesSource } from './kubernetes-source.ts'

export interface ConnectClusterOptions {
  /** `undefined`: the usual ones. */
  readonly kubeconfig: string | undefined
  /** `undefined`: all. */
  readonly namespace: string | undefined
  readonly env: NodeJS.ProcessEnv
  /** Refs mean something else than before. */
  readonly onAddresses: () => void
  /** `Kind/namespace/name` of the refs that are needed. */
  readonly wantedRefs: () => Iterable<string>
  /** `namespace/name` of the Secrets that are needed. */
  readonly wantedSecrets: () => Iterable<string>
  readonly log: Logger
}

export interface Cluster extends AsyncDisposable {
  readonly source: KubernetesSource
  readonly addresses: Addresses
  readonly secrets: ClusterSecrets
  readonly tokens: AudienceTokens
}

/** The parts of a gateway that ask an API server; nothing is asked yet. Throws NoCluster. */
export function connectCluster({
  kubeconfig,
  namespace,
  env,
  onAddresses,
  wantedRefs,
  wantedSecrets,
  log
}: ConnectClusterOptions): Cluster {
  const client = createApiClient(findCluster(kubeconfig, env))
  const addresses = new Addresses({
    client,
    everywhere: namespace === undefined,
    onChange: onAddresses,
    wanted: wantedRefs
  })
  const secrets = new ClusterSecrets({ client, wanted: wantedSecrets })
  const tokens = new AudienceTokens(client)
  const told = new Set<string>()
  const onFault = (reason: string): void => {
    if (!told.has(reason)) log.warn({ reason }, 'Pipelines cannot be read, and are not served')
    told.add(reason)
  }
  const source = new KubernetesSource({ client, namespace, onFault })
  return {
    source,
    addresses,
    secrets,
    tokens,
    async [Symbol.asyncDispose]() {
      await Promise.all([
        source.close(),
        addresses[Symbol.asyncDispose](),
        secrets[Symbol.asyncDispose](),
        tokens[Symbol.asyncDispose]()
      ])
      await client[Symbol.asyncDispose]()
    }
  }
}
