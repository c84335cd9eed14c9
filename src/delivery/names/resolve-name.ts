import type { LookupAddress } from 'node:dns'
import { openSync, closeSync } from 'node:fs'
import { askServers } from './ask-servers.ts'
import { fileOnDisk } from './file-on-disk.ts'
import { readHosts } from './hosts-file.ts'
import { NameNotResolved } from './name-not-resolved.ts'
import { completeNames, noSearch, readSearchRules } from './search-rules.ts'
import { createSystemLookup } from './system-lookup.ts'

/** Finds the addresses of a name, at least one. Throws NameNotResolved; the signal gives it up. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>

export interface NameSources {
  readonly hostsFile: string
  readonly resolvConf: string
  /** `address:port` of the name servers; `undefined`: those of the machine. */
  readonly servers: readonly string[] | undefined
}

const machine: NameSources = { hostsFile: '/etc/hosts', resolvConf: '/etc/resolv.conf', servers: undefined }

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 }
]

/**
 * The way of a name: the hosts file, the name servers with the search domains, and, for what they do not know, the rest
 * of what the machine is set up to ask. That last one takes a thread from a pool of four; a silent name server, which
 * keeps a thread for many seconds, never comes so far.
 */
export function createNameResolver(sources: NameSources = machine): ResolveName {
  const hosts = fileOnDisk(sources.hostsFile, readHosts, new Map())
  const searchRules = fileOnDisk(sources.resolvConf, readSearchRules, noSearch)
  const askSystem = createSystemLookup()

  return async (name, signal) => {
    const plain = name.toLowerCase().replace(/\.$/, '')
    const listed = hosts().get(plain)
    if (listed !== undefined) return listed
    // RFC 6761: it never leaves the machine.
    if (plain === 'localhost' || plain.endsWith('.localhost')) return loopback
    const code = await eachComplete(completeNames(name, searchRules()), signal, sources.servers)
    if (typeof code !== 'string') return code
    if (code === 'ECONNREFUSED') checkDescriptors()
    if (!mayBeKnownElsewhere.has(code)) throw new NameNotResolved(name, code)
    return await askSystem(name)
  }
}

/** No server knows the name, or there is no server. */
const mayBeKnownElsewhere: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'])

/** After these the next complete name is tried; the others say that no server answers. */
const goOn: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'EBADNAME'])

async function eachComplete(
  names: readonly string[],
  signal: AbortSignal,
  servers: readonly string[] | undefined
): Promise<readonly LookupAddress[] | string> {
  let code = 'ENOTFOUND'
  for (const name of names) {
    const answer = await askServers(name, signal, servers)
    if ('addresses' in answer) return answer.addresses
    if (!goOn.has(answer.code)) return answer.code
    if (answer.code === 'ESERVFAIL' || answer.code === 'EREFUSED') code = answer.code
  }
  return code
}

/** A resolver that gets no socket says that its servers refuse; the machine says what is wrong. */
function checkDescriptors(): void {
  closeSync(openSync(process.execPath, 'r'))
}
