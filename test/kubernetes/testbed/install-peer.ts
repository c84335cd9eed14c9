import { kubectlOk, waitForKinds, type KubectlOptions } from './cluster.ts'
import { findPeerDefinitions, type PeerName } from './peer-definitions.ts'
import { installStandIns, nameOf, type StandInKind } from './stand-in-kinds.ts'

/** Makes the API server know the kinds of a peer: its own definitions, or else ours of them. */
export async function installPeer(
  name: PeerName,
  standIns: readonly StandInKind[],
  options: KubectlOptions = {}
): Promise<void> {
  const folder = findPeerDefinitions(name)
  if (folder === undefined) return installStandIns(standIns, options)
  await kubectlOk(['apply', '--server-side', '--force-conflicts', '-f', folder], options)
  await waitForKinds(standIns.map(nameOf), options)
}
