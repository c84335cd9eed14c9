import { spawnSync } from 'node:child_process'

type Environment = NodeJS.ProcessEnv

/** The command that starts a Redis server; installs it, where that is possible, on a machine that has none. */
export function findRedisServer(env: Environment = process.env, root = process.getuid?.() === 0): string {
  if (isInstalled(env)) return 'redis-server'
  if (!root) throw new Error('redis-server is not on the PATH, and only root could install it')
  process.stderr.write('redis-server is not on the PATH: installing it by apt-get …\n')
  const lockTimeout = ['-o', 'DPkg::Lock::Timeout=120']
  aptGet([...lockTimeout, '-qq', 'update'], env)
  aptGet([...lockTimeout, '-qq', '-y', '--no-install-recommends', 'install', 'redis-server'], env)
  if (!isInstalled(env)) throw new Error('apt-get installed no redis-server')
  return 'redis-server'
}

function isInstalled(env: Environment): boolean {
  return spawnSync('redis-server', ['--version'], { env }).status === 0
}

function aptGet(args: readonly string[], env: Environment): void {
  const { status, error, stderr } = spawnSync('apt-get', args, {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8'
  })
  if (status === 0) return
  throw new Error(`redis-server is not on the PATH, and apt-get ${args.join(' ')} failed: ${stderr}`, { cause: error })
}
