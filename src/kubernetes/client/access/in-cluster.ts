import { join } from 'node:path'
import { WatchedFile } from '../../../secrets/watched-file.ts'
import { NoCluster, type ClusterAccess } from './cluster-access.ts'

/** Where Kubernetes puts the service account of a pod. */
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The access that the service account of this pod gives; `undefined`: this is not a pod. */
export function inCluster(env: NodeJS.ProcessEnv, folder = accountFolder): ClusterAccess | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  if (host === '') return undefined
  const [token, ca, namespace] = ['token', 'ca.crt', 'namespace'].map(name => new WatchedFile(join(folder, name)))
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: textOf(namespace) ?? 'default',
    serverName: undefined,
    insecure: false,
    ca: () => textOf(ca),
    credentials() {
      const text = textOf(token)
      if (text === undefined)
        throw new NoCluster(`${join(folder, 'token')} cannot be read: the pod has no service account token`)
      return Promise.resolve({ token: text, cert: undefined, key: undefined })
    }
  }
}

function textOf(file: WatchedFile | undefined): string | undefined {
  const reading = file?.read()
  return reading?.kind === 'text' ? reading.text.trim() : undefined
}
