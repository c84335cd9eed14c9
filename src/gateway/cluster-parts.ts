import type { ClusterConfig, GatewayConfig } from '../config.ts'
import type { DefinitionSource } from '../control/definition-source.ts'
import type { LookUp } from '../control/look-up.ts'
import type { ClusterSource } from '../pipeline/cluster-source.ts'
import { ServiceStates, type NothingReady } from '../delivery/service-states.ts'
import type { Resolve } from '../pipeline/compile-scope.ts'
import type { Logger } from '../telemetry/log.ts'
import type { ReadCluster } from '../secrets/secrets.ts'
import type { SharedValues } from '../workers/shared-values.ts'

/** The parts of a gateway that an API server gives. */
export interface ClusterParts extends AsyncDisposable {
  readonly sources: readonly DefinitionSource[]
  readonly resolve: Resolve
  /** Of definitions beside those that are compiled here already. */
  readonly lookUp: LookUp
  /** `undefined`: there are no Secrets here. */
  readonly values: ReadCluster | undefined
  /** The same values, where workers are told them. */
  readonly shared: SharedValues | undefined
  /** Behind which Services of deployed steps nothing is ready. */
  readonly services: ServiceStates
}

export interface ClusterPartsDeps {
  /** Refs mean something else than before. */
  readonly onAddresses: () => void
  /** Headers have other values than before, or none any more. */
  readonly onValues: () => void
  /** `Kind/namespace/name` of the refs of all definitions. */
  readonly wantedRefs: () => Iterable<string>
  /** Where the values of headers are that are needed. */
  readonly wantedValues: () => Iterable<ClusterSource>
  readonly log: Logger
}

/** An API server is waited for so long, in milliseconds: one that is away knows no more later. */
const answerMs = 5_000

/** Where a gateway does not use Kubernetes: only the rules of `--resolve`. */
export const withoutCluster = ({ resolve }: GatewayConfig): ClusterParts => ({
  sources: [],
  resolve,
  lookUp: ({ refs }) => Promise.resolve(addressesOf(refs, resolve)),
  values: undefined,
  shared: undefined,
  services: new ServiceStates(),
  [Symbol.asyncDispose]: () => Promise.resolve()
})

/** Cheap: nothing is asked before it is needed. Throws NoCluster where no API server is known. */
export async function createClusterParts(config: GatewayConfig, deps: ClusterPartsDeps): Promise<ClusterParts> {
  const { kubernetes } = config
  return kubernetes === undefined ? withoutCluster(config) : connected(config, kubernetes, deps)
}

/** Rules of `--resolve` go before what the cluster says. */
async function connected(
  { resolve, processEnv, workers }: GatewayConfig,
  { namespace, kubeconfig }: ClusterConfig,
  deps: ClusterPartsDeps
): Promise<ClusterParts> {
  // Loaded only now: most gateways have nothing to do with Kubernetes.
  const { connectCluster } = await import('../kubernetes/source/connect-cluster.ts')
  const { SharedValues } = await import('../workers/shared-values.ts')
  const services = new ServiceStates()
  const onService = (ref: string, state: NothingReady | undefined): void => services.set(ref, state)
  await using opened = new AsyncDisposableStack()
  const onValues = (isChanged: (source: ClusterSource) => boolean): void => {
    if (shared === undefined) deps.onValues()
    else shared.changed(isChanged)
  }
  const cluster = opened.use(connectCluster({ ...deps, onValues, onService, kubeconfig, namespace, env: processEnv }))
  const shared =
    workers > 1
      ? opened.use(new SharedValues({ read: cluster.read, wanted: deps.wantedValues, onAgreed: deps.onValues }))
      : undefined
  const known: Resolve = { get: key => resolve.get(key) ?? cluster.addresses.get(key), hasTokens: true }
  const lookUp: LookUp = async ({ refs, values }) => {
    // Asked for now, and known when the API server has answered.
    addressesOf(refs, known)
    for (const source of values) cluster.read(source)
    await cluster.settled(answerMs)
    await shared?.need(values)
    return addressesOf(refs, known)
  }
  const owned = opened.move()
  return {
    sources: [cluster.source],
    resolve: known,
    lookUp,
    values: shared?.read ?? cluster.read,
    shared,
    services,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

function addressesOf(refs: readonly string[], resolve: Resolve): ReadonlyMap<string, string> {
  const found = refs.map(key => [key, resolve.get(key)] as const)
  return new Map(found.flatMap(([key, url]) => (url === undefined ? [] : [[key, url] as const])))
}
