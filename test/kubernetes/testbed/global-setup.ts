import type { TestProject } from 'vitest/node'
import { startControlPlane } from './control-plane.ts'
import { startPretendKubelet } from './pretend-kubelet.ts'
import { findPrograms, type Programs } from './programs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    programs: Programs
    /** Of the control plane that all files share, each in namespaces of its own. */
    cluster: { readonly url: string; readonly folder: string; readonly kubeconfig: string; readonly ca: string }
  }
}

/** One control plane for all files; those that hurt it start their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const programs = findPrograms()
  if (programs === undefined) throw new Error('the control plane is not built: npm run test:kubernetes')
  await using opening = new AsyncDisposableStack()
  const plane = opening.use(
    await startControlPlane(programs.kube, { controllers: '*,-nodelifecycle,-node-ipam-controller' })
  )
  opening.use(await startPretendKubelet(plane.kubeconfig))
  project.provide('programs', programs)
  project.provide('cluster', { url: plane.url, folder: plane.folder, kubeconfig: plane.kubeconfig, ca: plane.ca })
  const opened = opening.move()
  return () => opened.disposeAsync()
}
