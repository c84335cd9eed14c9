import type { ClusterSource } from '../../pipeline/cluster-source.ts'
import type { ReadCluster } from '../../secrets/secrets.ts'
import type { Logger } from '../../telemetry/log.ts'
import { within } from '../../telemetry/within.ts'
import { createApiClient, type ApiClient } from '../client/api-client.ts'
import { findCluster } from '../client/access/find-cluster.ts'
import { Addresses } from '../cluster/addresses.ts'
import { AudienceTokens } from './audience-tokens.ts'
import { ClusterSecrets } from './cluster-secrets.ts'
import { ServiceEndpoints, type ServiceState } from './service-endpoints.ts'
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
  /** Where the values of headers are that are needed. */
  readonly wantedValues: () => Iterable<ClusterSource>
  /** The values of these are other ones than before. */
  readonly onValues: (isChanged: (source: ClusterSource) => boolean) => void
  /** Nothing is ready behind the Service of a deployed step, by its ref; `undefined`: something is, or nobody knows. */
  readonly onService: (ref: string, state: ServiceState | undefined) => void
  readonly log: Logger
}

export interface Cluster extends AsyncDisposable {
  readonly source: KubernetesSource
  readonly addresses: Addresses
  /** The value of a header now. One that nobody asked for before is missing until the API server has answered. */
  readonly read: ReadCluster
  /** Resolves when something is known of all that was asked for, or after `ms`. */
  settled(ms: number): Promise<unknown>
}

/** The parts of a gateway that ask an API server; nothing is asked yet. Throws NoCluster. */
export function connectCluster({
  kubeconfig,
  namespace,
  env,
  onAddresses,
  wantedRefs,
  wantedValues,
  onValues,
  onService,
  log
}: ConnectClusterOptions): Cluster {
  const client = createApiClient(findCluster(kubeconfig, env))
  const addresses = new Addresses({
    client,
    everywhere: namespace === undefined,
    onChange: onAddresses,
    wanted: wantedRefs
  })
  const { secrets, tokens, read } = createValues(client, { wantedValues, onValues })
  const endpoints = new ServiceEndpoints({
    client,
    namespace,
    onState: onService,
    onFault: tellOnce(log, 'Calls of deployed steps that are at zero fail and do not wait')
  })
  const source = new KubernetesSource({
    client,
    namespace,
    onFault: tellOnce(log, 'Pipelines cannot be read, and are not served'),
    onDeployed: areThere => endpoints.follow(areThere)
  })
  return {
    source,
    addresses,
    read,
    settled: ms => within(ms, Promise.all([addresses.settled(ms), secrets.settled(), tokens.settled()])),
    async [Symbol.asyncDispose]() {
      await Promise.all([
        source.close(),
        endpoints[Symbol.asyncDispose](),
        addresses[Symbol.asyncDispose](),
        secrets[Symbol.asyncDispose](),
        tokens[Symbol.asyncDispose]()
      ])
      await client[Symbol.asyncDispose]()
    }
  }
}

/** The values of headers. */
function createValues(
  client: ApiClient,
  { wantedValues, onValues }: Pick<ConnectClusterOptions, 'wantedValues' | 'onValues'>
) {
  const secrets = new ClusterSecrets({
    client,
    *wanted() {
      for (const source of wantedValues()) {
        if (source.kind === 'secretKeyRef') yield `${source.namespace}/${source.secret}`
      }
    },
    onChange: (namespace, name) =>
      onValues(source => source.kind === 'secretKeyRef' && source.namespace === namespace && source.secret === name)
  })
  const tokens = new AudienceTokens({
    client,
    *wanted() {
      for (const source of wantedValues()) if (source.kind === 'token') yield source
    },
    onChange: ({ namespace, audience }) =>
      onValues(source => source.kind === 'token' && source.namespace === namespace && source.audience === audience)
  })
  const read: ReadCluster = source =>
    source.kind === 'token'
      ? tokens.read(source.namespace, source.audience)
      : secrets.read(source.namespace, source.secret, source.key)
  return { secrets, tokens, read }
}

/** Tells of each reason once. */
function tellOnce(log: Logger, message: string): (reason: string) => void {
  const told = new Set<string>()
  return reason => {
    if (!told.has(reason)) log.warn({ reason }, message)
    told.add(reason)
  }
}
