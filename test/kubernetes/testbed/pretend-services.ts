import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { createApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { Mirror } from '../../../src/kubernetes/client/mirror.ts'
import type { KubernetesObject } from '../../../src/kubernetes/client/object.ts'
import { listenOnLoopback } from '../../helpers/loopback.ts'

interface ServiceObject extends KubernetesObject {
  readonly spec: { readonly selector?: Readonly<Record<string, string>> }
}

interface Pod extends KubernetesObject {
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

export interface PretendServices extends AsyncDisposable {
  /** For processes that call Services: their connections come here. */
  readonly env: Readonly<Record<string, string>>
  /** Requests with `hold` in them that have come and wait for `release`. */
  readonly held: number
  release(): void
}

/**
 * The network of a cluster: a call of a Service is answered by one of its ready pods, which tells its image; there is no
 * connection where there is none. An image whose name has `failing` answers 500.
 */
export async function startPretendServices(kubeconfig: string): Promise<PretendServices> {
  await using opening = new AsyncDisposableStack()
  const client = opening.use(createApiClient(findCluster(kubeconfig, {})))
  const mirrorOf = <Kind extends KubernetesObject>(path: string): Mirror<Kind, Kind> =>
    opening.use(new Mirror<Kind, Kind>(client, { path, project: object => object, onChange: () => {} }))
  const services = mirrorOf<ServiceObject>('/api/v1/services')
  const pods = mirrorOf<Pod>('/api/v1/pods')
  await Promise.all([services.listed, pods.listed])
  let held = 0
  let gate = Promise.withResolvers<void>()
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await request.toArray()).join('')
    const [name = '', namespace = ''] = (request.headers.host ?? '').split('.')
    const ready = podsOf(services.get(`${namespace}/${name}`), namespace, [...pods.values])
    const image = ready[Math.floor(Math.random() * ready.length)]?.spec.containers[0]?.image
    if (image === undefined) return void request.socket.destroy()
    if (body.includes('hold')) {
      held++
      await gate.promise
      held--
    }
    response.writeHead(image.includes('failing') ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(image))
  }
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  opening.defer(() => new Promise<void>(resolve => (server.closeAllConnections(), server.close(() => resolve()))))
  const port = await listenOnLoopback(server)
  const opened = opening.move()
  return {
    env: { NODE_OPTIONS: `--import=${preload(port)}` },
    get held() {
      return held
    },
    release() {
      gate.resolve()
      gate = Promise.withResolvers<void>()
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
}

function podsOf(service: ServiceObject | undefined, namespace: string, pods: readonly Pod[]): readonly Pod[] {
  const selector = Object.entries(service?.spec.selector ?? {})
  if (selector.length === 0) return []
  return pods.filter(
    ({ metadata: { namespace: own, labels = {}, deletionTimestamp }, status: { conditions = [] } }) =>
      own === namespace &&
      deletionTimestamp === undefined &&
      selector.every(([key, value]) => labels[key] === value) &&
      conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  )
}

/** Stands in for `kube-proxy`, in the process itself. */
const preload = (port: number): string =>
  `data:text/javascript,${encodeURIComponent(`
    import net from 'node:net'
    const connect = net.connect
    net.connect = (options, ...rest) =>
      String(options?.host).endsWith('.svc.cluster.local')
        ? connect({ port: ${port}, host: '127.0.0.1' }, ...rest)
        : connect(options, ...rest)
  `)}`
