import type { ClusterConfig, GatewayConfig } from '../config.ts'
import type { DefinitionSource } from '../control/definition-source.ts'
import type { Resolve } from '../pipeline/compile-scope.ts'
import type { Logger } from '../telemetry/log.ts'
import type { ClusterValues } from '../secrets/secrets.ts'

/** The parts of a gateway that an API server gives. */
export interface ClusterParts extends AsyncDisposable {
  readonly sources: readonly DefinitionSource[]
  readonly resolve: Resolve
  /** `undefined`: there are no Secrets here. */
  readonly secrets: ClusterValues | undefined
}

export interface ClusterPartsDeps {
  /** Refs mean something else than before. */
  readonly onAddresses: () => void
  /** `Kind/namespace/name` of the refs of all definitions. */
  readonly wantedRefs: () => Iterable<string>
  /** `namespace/name` of the Secrets that the served definitions name. */
  readonly wantedSecrets: () => Iterable<string>
  readonly log: Logger
}

/** Where a gateway does not use Kubernetes: only the rules of `--resolve`. */
const withoutCluster = ({ resolve }: GatewayConfig): ClusterParts => ({
  sources: [],
  resolve,
  secrets: undefined,
  [Symbol.asyncDispose]: () => Promise.resolve()
})

/** Cheap: nothing is asked before it is needed. Throws NoCluster where no API server is known. */
export async function createClusterParts(config: GatewayConfig, deps: ClusterPartsDeps): Promise<ClusterParts> {
  const { kubernetes } = config
  return kubernetes === undefined ? withoutCluster(config) : connected(config, kubernetes, deps)
}

/** Rules of `--resolve` go before what the cluster says. */
async function connected(
  { resolve, processEnv }: GatewayConfig,
  { namespace, kubeconfig }: ClusterConfig,
  { onAddresses, wantedRefs, wantedSecrets, log }: ClusterPartsDeps
): Promise<ClusterParts> {
  // Loaded only now: most gateways have nothing to do with Kubernetes.
  const { connectCluster } = await import('../kubernetes/source/connect-cluster.ts')
  const env = processEnv
  const cluster = connectCluster({ kubeconfig, namespace, env, onAddresses, wantedRefs, wantedSecrets, log })
  return {
    sources: [cluster.source],
    resolve: { get: key => resolve.get(key) ?? cluster.addresses.get(key), hasTokens: true },
    secrets: { secret: cluster.secrets.read, token: cluster.tokens.read },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]()
  }
}
