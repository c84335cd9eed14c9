import { inject } from 'vitest'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { startPretendKubelet } from './pretend-kubelet.ts'

/** A control plane of one's own, whose Deployments have pods that are pretended. It knows no resource of Sluice yet. */
export async function openPodCluster(opened: AsyncDisposableStack): Promise<ControlPlane> {
  const plane = opened.use(await startControlPlane(inject('programs').kube, { controllers: '*,-nodelifecycle' }))
  opened.use(await startPretendKubelet(plane.kubeconfig))
  return plane
}
