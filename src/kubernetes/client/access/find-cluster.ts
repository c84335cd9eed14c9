import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { NoCluster, type ClusterAccess } from './cluster-access.ts'
import { inCluster } from './in-cluster.ts'
import { readKubeconfig } from './kubeconfig.ts'

/**
 * The API server by the file that a person names, `KUBECONFIG`, the kubeconfig of the home folder, or the service account
 * of the pod. Throws NoCluster.
 */
export function findCluster(file: string | undefined, env: NodeJS.ProcessEnv): ClusterAccess {
  if (file !== undefined) return readKubeconfig([file], env)
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '')
  if (named.length > 0) return readKubeconfig(named, env)
  const home = join(env['HOME'] ?? homedir(), '.kube', 'config')
  if (existsSync(home)) return readKubeconfig([home], env)
  const access = inCluster(env)
  if (access !== undefined) return access
  throw new NoCluster(
    `no API server is known: this is not a pod, KUBECONFIG is not set, and ${home} is not there; --kubeconfig FILE names one`
  )
}
