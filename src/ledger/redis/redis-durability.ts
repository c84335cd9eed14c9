import type { Durability } from '../durability.ts'
import type { RedisRights } from './redis-rights.ts'
import type { RedisSettings } from './redis-settings.ts'

interface Persistence {
  readonly level: Durability['level']
  readonly says: string
  readonly warning: string | undefined
}

/** The other settings that decide the meaning of a 202. */
interface Setting {
  readonly rights?: RedisRights
  /** Whether an acceptance waits for the replicas. */
  readonly confirm?: boolean
  /** Whether there is somebody who promotes replicas, also where none follows. */
  readonly promoted?: boolean
}

/** The meaning of a 202 on these servers, the masters of a cluster or the one; the weakest of them decides. */
export function redisDurability(label: string, servers: readonly RedisSettings[], setting: Setting = {}): Durability {
  const judged = servers.map(server => judge(server, setting))
  const weakest = judged.reduce((a, b) => (b.level < a.level ? b : a), judged[0] ?? judge(unknownSettings, setting))
  const version = servers[0]?.version
  return {
    level: weakest.level,
    summary: `redis${version === undefined ? '' : ` ${version}`} at ${label}: ${weakest.says}; ${setUp(servers)}${confirms(servers, setting)}${rightsOf(setting)}`,
    warnings: [...new Set(judged.flatMap(({ warnings }) => warnings))]
  }
}

function judge(
  settings: RedisSettings,
  setting: Setting
): Pick<Persistence, 'level' | 'says'> & { readonly warnings: readonly string[] } {
  const { level, says, warning } = readPersistence(settings)
  const evicts = evictionOf(settings)
  const warnings = [warning, evicts?.warning, ...replicationWarnings(settings, setting)].filter(
    each => each !== undefined
  )
  return evicts === undefined || level < 2
    ? { level, says, warnings }
    : {
        level: 1,
        says: `${says}, but it may evict ${evicts.what}`,
        warnings
      }
}

function readPersistence({ appendonly, appendfsync, save }: RedisSettings): Persistence {
  if (appendonly === undefined) {
    return {
      level: 1,
      says: 'survives what its settings give, which it does not tell',
      warning:
        'the server does not tell its settings (CONFIG GET is denied): see to it that appendonly is yes, appendfsync is always and maxmemory-policy is noeviction'
    }
  }
  if (appendonly === 'yes') return readAppendOnly(appendfsync)
  if (save !== undefined && save !== '') {
    return {
      level: 1,
      says: `a crash loses what was accepted since the last snapshot (appendonly no, save ${save})`,
      warning: 'appendonly is no: a crash of Redis loses what was accepted since its last snapshot; set appendonly yes'
    }
  }
  return {
    level: 0,
    says: 'survives nothing (appendonly no, no snapshots)',
    warning:
      'appendonly is no and there are no snapshots: a restart of Redis loses every accepted request; set appendonly yes'
  }
}

function readAppendOnly(appendfsync: string | undefined): Persistence {
  if (appendfsync === 'always') {
    return {
      level: 3,
      says: 'survives kill -9 and power loss (appendonly yes, appendfsync always)',
      warning: undefined
    }
  }
  const lost = appendfsync === 'everysec' ? 'the last second' : 'what the system had not written'
  return {
    level: 2,
    says: `survives kill -9; power loss loses ${lost} (appendonly yes, appendfsync ${appendfsync})`,
    warning: `appendfsync is ${appendfsync}: a power loss loses ${lost} of accepted requests; set appendfsync always`
  }
}

/**
 * `volatile-*` evicts what has a time to live: replies that can still be fetched, keys that make a repeated request the
 * same.
 */
function evictionOf({
  maxmemoryPolicy
}: RedisSettings): { readonly what: string; readonly warning: string } | undefined {
  if (maxmemoryPolicy === undefined || maxmemoryPolicy === 'noeviction') return undefined
  const what = maxmemoryPolicy.startsWith('volatile') ? 'replies and idempotency keys' : 'accepted requests'
  return { what, warning: `maxmemory-policy is ${maxmemoryPolicy}: Redis may evict ${what}; set noeviction` }
}

function replicationWarnings({ role, replicas }: RedisSettings, { confirm, promoted }: Setting): readonly string[] {
  if (role === 'slave') return ['this server is a replica: it refuses every write; give the address of the master']
  if (!confirm && replicas > 0) {
    return [
      `there are replicas (${replicas}): a failover may lose requests accepted just before; --durability strict waits for the replicas before each 202`
    ]
  }
  if (confirm && promoted && role !== undefined && replicas === 0) {
    return ['no replica follows the master, so none confirms what is accepted: start one']
  }
  return []
}

/**
 * The other facts on how safe a request is, also where nothing is wrong; of a cluster, each way in which a server is
 * set up.
 */
const setUp = (servers: readonly RedisSettings[]): string =>
  [...new Set(servers.map(server => `${evictionPolicy(server)}, ${replication(server)}`))].join('; or ')

const confirms = (servers: readonly RedisSettings[], { confirm }: Setting): string =>
  confirm && servers.some(({ replicas }) => replicas > 0) ? ', which confirm each acceptance' : ''

function rightsOf({ rights }: Setting): string {
  if (rights === undefined) return ''
  return rights.channels ? ', all rights' : ', no right to channels'
}

const evictionPolicy = ({ maxmemoryPolicy = 'unknown' }: RedisSettings): string => `maxmemory-policy ${maxmemoryPolicy}`

function replication({ role, replicas, minReplicasToWrite = 'unknown' }: RedisSettings): string {
  if (role === undefined) return 'replicas unknown'
  if (role === 'slave') return 'itself a replica'
  return replicas === 0 ? 'no replicas' : `replicas ${replicas} (min-replicas-to-write ${minReplicasToWrite})`
}

const unknownSettings: RedisSettings = {
  version: undefined,
  role: undefined,
  replicas: 0,
  appendonly: undefined,
  appendfsync: undefined,
  save: undefined,
  maxmemoryPolicy: undefined,
  minReplicasToWrite: undefined
}
