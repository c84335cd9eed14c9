import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Agent, request } from 'undici'
import { freePort } from '../../helpers/loopback.ts'
import { startProcess, type RunningProcess } from '../../helpers/process.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { waitFor } from '../../helpers/wait-for.ts'

/** The tokens of persons that the API server knows. */
export const adminToken = 'admin-token'
/** It has no rights at all, unless a test gives it some: its user is called `nobody`. */
export const nobodyToken = 'nobody-token'

export interface ControlPlane extends AsyncDisposable {
  readonly url: string
  /** The folder with `ca.crt` and `kubeconfig`. */
  readonly folder: string
  readonly kubeconfig: string
  readonly ca: string
  /** Of etcd and the API server, as they run now. */
  readonly pids: readonly number[]
  /** Ends the API server as a crash would. */
  killApiServer(): Promise<void>
  /** On the same port, with the same etcd. */
  startApiServer(): Promise<void>
  signalApiServer(signal: NodeJS.Signals): void
  /** Forgets what etcd keeps of the past, so that no watch can be resumed. */
  compact(): Promise<void>
}

export interface ControlPlaneOptions {
  /** Controllers that run: all but those which need a cloud; none: no controller manager. */
  readonly controllers?: string
}

/** etcd and kube-apiserver, and with `controllers` kube-controller-manager, on free ports of loopback. */
export async function startControlPlane(
  kube: string,
  { controllers }: ControlPlaneOptions = {}
): Promise<ControlPlane> {
  await using opening = new AsyncDisposableStack()
  const { path: folder } = opening.use(await createTempFolder())
  const ports = { api: await freePort(), etcd: await freePort(), peer: await freePort() }
  const url = `https://127.0.0.1:${ports.api}`
  const etcdUrl = `http://127.0.0.1:${ports.etcd}`
  await writeSecrets(folder, url)
  const etcd = opening.use(
    await startProcess(kube, ['etcd', join(folder, 'data'), etcdUrl, `http://127.0.0.1:${ports.peer}`])
  )
  await etcd.waitForLine(/etcd ready/)
  const launch = (): Promise<RunningProcess> => startProcess(kube, apiServerFlags(ports.api, etcdUrl), { cwd: folder })
  let server = await launch()
  opening.defer(() => server[Symbol.asyncDispose]())
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8')
  await waitUntilReady(url, ca)
  if (controllers !== undefined) opening.use(await startProcess(kube, managerFlags(controllers), { cwd: folder }))
  const owned = opening.move()
  return {
    url,
    folder,
    ca,
    kubeconfig: join(folder, 'kubeconfig'),
    get pids() {
      return [etcd.pid, server.pid]
    },
    async killApiServer() {
      server.kill('SIGKILL')
      await server.exit
    },
    async startApiServer() {
      server = await launch()
      await waitUntilReady(url, ca)
    },
    signalApiServer: signal => server.kill(signal),
    compact: () => compact(etcdUrl),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** Writes the authority, its certificates, and the tokens of two persons. */
async function writeSecrets(folder: string, url: string): Promise<void> {
  const openssl = async (...args: string[]): Promise<void> =>
    void (await promisify(execFile)('openssl', args, { cwd: folder }))
  // Of an elliptic curve, which is made in a hundredth of the time that one of RSA takes.
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'sa.key')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca')
  const issue = (name: string, subject: string, ...more: string[]) =>
    openssl(
      'req',
      '-x509',
      ...key,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      subject,
      ...more
    )
  await issue('tls', '/CN=kube', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  await issue('person', '/O=system:masters/CN=person', '-addext', 'extendedKeyUsage=clientAuth')
  await writeFile(join(folder, 'tokens.csv'), `${adminToken},admin,1,"system:masters"\n${nobodyToken},nobody,2\n`)
  await writeFile(join(folder, 'kubeconfig'), kubeconfigText(url, { token: adminToken }))
}

/** A kubeconfig beside `ca.crt`, with one user. */
export const kubeconfigText = (url: string, user: Readonly<Record<string, unknown>>, namespace?: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace && { namespace }) } }],
    users: [{ name: 'test', user }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': 'ca.crt' } }]
  })

const apiServerFlags = (port: number, etcdUrl: string): string[] => [
  'apiserver',
  `--etcd-servers=${etcdUrl}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--tls-cert-file=tls.crt',
  '--tls-private-key-file=tls.key',
  '--client-ca-file=ca.crt',
  '--token-auth-file=tokens.csv',
  '--authorization-mode=RBAC',
  '--service-account-issuer=https://kube',
  '--service-account-key-file=sa.key',
  '--service-account-signing-key-file=sa.key',
  '--service-cluster-ip-range=10.0.0.0/24',
  // Nobody mounts tokens into pretended pods.
  '--disable-admission-plugins=ServiceAccount',
  '--endpoint-reconciler-type=none',
  '--max-requests-inflight=0',
  '--profiling=false'
]

const managerFlags = (controllers: string): string[] => [
  'controller-manager',
  '--kubeconfig=kubeconfig',
  '--leader-elect=false',
  '--use-service-account-credentials=false',
  '--service-account-private-key-file=sa.key',
  '--root-ca-file=ca.crt',
  '--bind-address=127.0.0.1',
  '--secure-port=0',
  `--controllers=${controllers}`
]

async function waitUntilReady(url: string, ca: string): Promise<void> {
  const dispatcher = new Agent({ connect: { ca } })
  const isReady = async (): Promise<boolean> => {
    const headers = { authorization: `Bearer ${adminToken}` }
    const { statusCode, body } = await request(`${url}/readyz`, { dispatcher, headers })
    await body.dump()
    return statusCode === 200
  }
  try {
    await waitFor(isReady, { what: 'the API server to be ready', timeoutMs: 120_000 })
  } finally {
    await dispatcher.destroy()
  }
}

/** By etcd's JSON gateway: everything before the newest revision goes. */
async function compact(etcdUrl: string): Promise<void> {
  const call = async (path: string, body: unknown): Promise<Record<string, never>> => {
    const answer = await request(`${etcdUrl}${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.body.json()) as Record<string, never>
  }
  const { header } = await call('/v3/kv/range', { key: 'AA==' })
  await call('/v3/kv/compaction', { revision: (header as { revision: string } | undefined)?.revision, physical: true })
}
