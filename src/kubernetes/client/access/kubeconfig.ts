import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as z from 'zod'
import { parse } from 'yaml'
import { WatchedFile } from '../../../secrets/watched-file.ts'
import { NoCluster, type ClusterAccess } from './cluster-access.ts'
import { createExecCredentials, execSpec } from './exec-credentials.ts'

const text = z.string().min(1).optional()

const clusterSpec = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text
})

const userSpec = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: execSpec.optional(),
  username: text,
  'auth-provider': z.unknown().optional()
})

type User = z.infer<typeof userSpec>

const named = <T extends z.ZodRawShape>(shape: T) => z.array(z.object({ name: z.string(), ...shape })).nullish()

const fileSpec = z.object({
  'current-context': text,
  clusters: named({ cluster: clusterSpec }),
  contexts: named({ context: z.object({ cluster: z.string(), user: z.string().optional(), namespace: text }) }),
  users: named({ user: userSpec })
})

interface ReadFile extends z.infer<typeof fileSpec> {
  readonly file: string
}

/** The current context of kubeconfig files; of what several of them say, the first one counts. Programs inherit `env`. Throws NoCluster. */
export function readKubeconfig(paths: readonly string[], env: NodeJS.ProcessEnv): ClusterAccess {
  const files = paths.map(readFile)
  const shown = paths.join(', ')
  const current = files.map(file => file['current-context']).find(name => name !== undefined)
  if (current === undefined) throw new NoCluster(`${shown}: there is no current-context`)
  const { context } = find(files, 'contexts', current)
  const { file, cluster } = find(files, 'clusters', context.cluster)
  const at = context.user === undefined ? { file, user: {} as User } : find(files, 'users', context.user)
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'], file)
  const server = cluster.server.replace(/\/+$/, '')
  if (!URL.canParse(server)) throw new NoCluster(`${file}: the server ${server} is no URL`)
  return {
    server,
    namespace: context.namespace ?? 'default',
    serverName: cluster['tls-server-name'],
    insecure: cluster['insecure-skip-tls-verify'] ?? false,
    ca,
    credentials: credentialsOf(at.user, at.file, env)
  }
}

function readFile(path: string): ReadFile {
  const file = resolve(path)
  try {
    return { file, ...fileSpec.parse(parse(readFileSync(file, 'utf8')) ?? {}) }
  } catch (thrown) {
    throw new NoCluster(`${path} cannot be read as a kubeconfig: ${reasonOf(thrown)}`)
  }
}

function find<K extends 'contexts' | 'clusters' | 'users'>(files: readonly ReadFile[], kind: K, name: string) {
  for (const file of files) {
    const found = file[kind]?.find(each => each.name === name)
    if (found !== undefined) return { file: file.file, ...found } as { file: string } & NonNullable<ReadFile[K]>[number]
  }
  throw new NoCluster(`${files.map(({ file }) => file).join(', ')}: there is no ${kind.slice(0, -1)} called ${name}`)
}

function credentialsOf(user: User, file: string, env: NodeJS.ProcessEnv): ClusterAccess['credentials'] {
  if (user['auth-provider'] !== undefined || user.username !== undefined) {
    throw new NoCluster(`${file}: auth-provider and passwords are not supported; use a token, a certificate or exec`)
  }
  if (user.exec !== undefined) return createExecCredentials(user.exec, { folder: dirname(file), inherited: env })
  const cert = pem(user['client-certificate-data'], user['client-certificate'], file)
  const key = pem(user['client-key-data'], user['client-key'], file)
  const token = user.tokenFile === undefined ? () => user.token : fileReader(user.tokenFile, file)
  return () => Promise.resolve({ token: token(), cert: cert(), key: key() })
}

/** Data is base64 and goes before a file, whose path starts at the kubeconfig. */
function pem(data: string | undefined, path: string | undefined, file: string): () => string | undefined {
  if (data !== undefined) {
    const decoded = Buffer.from(data, 'base64').toString()
    return () => decoded
  }
  return path === undefined ? () => undefined : fileReader(path, file)
}

function fileReader(path: string, file: string): () => string {
  const watched = new WatchedFile(resolve(dirname(file), path))
  return () => {
    const reading = watched.read()
    if (reading.kind === 'unreadable') throw new NoCluster(`${watched.path} ${reading.reason}`)
    return reading.text.trim()
  }
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof z.ZodError ? z.prettifyError(thrown) : thrown instanceof Error ? thrown.message : String(thrown)
