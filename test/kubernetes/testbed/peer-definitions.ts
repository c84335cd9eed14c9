import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cacheFolder } from './programs.ts'

/*
 * The CustomResourceDefinitions of others as they ship them, and a role, of their Go modules: a few megabytes, fetched once for a
 * machine. Where they cannot be had, what the tests need of them is pretended.
 */

interface Peer {
  readonly module: string
  readonly version: string
  /** Of what the module has in it, as go.sum has it. */
  readonly sum: string
  /** In the module. */
  readonly files: readonly string[]
}

const peers = {
  Knative: {
    module: 'knative.dev/serving',
    version: '0.51.0',
    sum: 'h1:yN2Q7eYqJgoPfZkATjoBZyGbZ2P1Qhns9HIMU4mF+to=',
    files: [
      'config/core/300-resources/service.yaml',
      'config/core/300-resources/revision.yaml',
      'config/core/200-roles/addressable-resolvers-clusterrole.yaml'
    ]
  },
  KEDA: {
    module: 'github.com/kedacore/keda/v2',
    version: '2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    files: ['config/crd/bases/keda.sh_scaledobjects.yaml']
  }
} as const satisfies Record<string, Peer>

export type PeerName = keyof typeof peers

const folderOf = (name: PeerName): string => join(cacheFolder, `peer-${name.toLowerCase()}-${peers[name].version}`)

/** The folder with the definitions of a peer; `undefined`: they are not here. */
export const findPeerDefinitions = (name: PeerName): string | undefined =>
  existsSync(folderOf(name)) ? folderOf(name) : undefined

/** Fetches what is missing, and says what it could not have. */
export function makePeerDefinitions(): void {
  for (const name of Object.keys(peers) as PeerName[]) {
    if (findPeerDefinitions(name) !== undefined) continue
    try {
      fetchDefinitions(name)
    } catch (cause) {
      const { module, version } = peers[name]
      console.log(
        `the definitions of ${name} are pretended, since ${module}@v${version} cannot be had: ${String(cause)}`
      )
    }
  }
}

function fetchDefinitions(name: PeerName): void {
  const { module, version, sum, files } = peers[name]
  const made = mkdtempSync(join(cacheFolder, 'build-'))
  try {
    const args = ['mod', 'download', '-json', `${module}@v${version}`]
    // Its sum is known here: nobody else has to be asked.
    const env = { ...process.env, GOFLAGS: '-mod=mod', GONOSUMDB: '*' }
    const { Dir: folder, Sum: found } = JSON.parse(execFileSync('go', args, { cwd: made, env, encoding: 'utf8' }))
    if (found !== sum) throw new Error(`its sum is ${found} in place of ${sum}`)
    mkdirSync(join(made, 'crds'))
    for (const file of files) copyFileSync(join(folder, file), join(made, 'crds', basename(file)))
    renameSync(join(made, 'crds'), folderOf(name))
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}
