import { SluiceError } from '../errors.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** A store URL taken apart. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly hosts: readonly [HostPort, ...HostPort[]]
  readonly database: number
  /** The name by which the sentinels know the master. */
  readonly master: string
  /** Of the sentinels themselves: `?sentinelPassword=`. */
  readonly sentinelPassword: string | undefined
  /** The beginning of all keys: `?prefix=`; `undefined`: the URL does not say. */
  readonly prefix: string | undefined
  /** As it may be shown: without user and password. */
  readonly label: string
  /** The same, with the database and the prefix where they are not the usual ones. */
  readonly place: string
}

/** An @ after the first slash is of a password that is not percent-encoded. */
const form =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<credentials>[^/?#]*)@)?(?<hosts>[^/?#@]+)(?:\/(?<path>[^?#@]*))?(?:\?(?<query>[^#]*))?$/
const defaultPorts = { single: 6379, sentinel: 26_379, cluster: 6379 }

/** Reads a store URL; see `RedisLedgerOptions.url` for its forms. */
export function readRedisAddress(url: string): RedisAddress {
  const { scheme, kind = 'single', credentials = '', hosts = '', path = '', query } = form.exec(url)?.groups ?? {}
  const [username, password] = splitCredentials(credentials)
  const known = kind === 'sentinel' || kind === 'cluster' ? kind : 'single'
  const [first, ...others] = hosts.split(',').map(host => readHost(host, defaultPorts[known]))
  if (scheme === undefined || first === undefined) throw wrongForm()
  if (known === 'single' && others.length > 0) throw wrongForm()
  if (known === 'sentinel' ? path === '' : !/^\d*$/.test(path)) throw wrongForm()
  const database = readDatabase(known, path)
  const { prefix, sentinelPassword } = readQuery(known, query)
  const label = known === 'sentinel' ? `${hosts}/${path}` : hosts
  return {
    kind: known,
    tls: scheme === 'rediss',
    username: username || undefined,
    password: password || undefined,
    hosts: [first, ...others],
    database,
    master: known === 'sentinel' ? decode(path) : '',
    sentinelPassword,
    prefix,
    label,
    place: `${label}${database === 0 ? '' : `/${database}`}${prefix === undefined ? '' : `?prefix=${prefix}`}`
  }
}

/** Of a cluster there is only one. */
function readDatabase(kind: RedisAddress['kind'], path: string): number {
  if (kind === 'sentinel') return 0
  const database = Number(path)
  if (kind === 'single' || database === 0) return database
  throw new SluiceError(
    'STORE_UNAVAILABLE',
    `a Redis cluster has only database 0, and the store URL names ${database}: leave it out; ?prefix=NAME keeps several ledgers apart`
  )
}

/** A setting that is not known is a fault: left out in silence, two ledgers would be one. */
function readQuery(
  kind: RedisAddress['kind'],
  query: string | undefined
): Pick<RedisAddress, 'prefix' | 'sentinelPassword'> {
  const settings = new URLSearchParams(query)
  const known = kind === 'sentinel' ? ['prefix', 'sentinelPassword'] : ['prefix']
  const names = [...settings.keys()]
  // Not by its name, which may be part of a password that is not percent-encoded.
  if (!names.every((name, i) => known.includes(name) && names.indexOf(name) === i)) {
    throw new SluiceError(
      'STORE_UNAVAILABLE',
      `after the ? of the store URL there may be ${known.join(' and ')}, each once`
    )
  }
  const prefix = settings.get('prefix') ?? undefined
  if (prefix !== undefined && !/^[\w.:-]{1,100}$/.test(prefix)) {
    throw new SluiceError('STORE_UNAVAILABLE', 'the prefix of the store URL is 1 to 100 of A-Z a-z 0-9 . : _ -')
  }
  return { prefix, sentinelPassword: settings.get('sentinelPassword') ?? undefined }
}

/** `user:password`, `:password` or `user`, percent-encoded. */
function splitCredentials(credentials: string): readonly [string, string] {
  const colon = credentials.indexOf(':')
  if (colon === -1) return [decode(credentials), '']
  return [decode(credentials.slice(0, colon)), decode(credentials.slice(colon + 1))]
}

function readHost(text: string, defaultPort: number): HostPort {
  const { bracketed, plain, port } =
    /^(?:\[(?<bracketed>.+)\]|(?<plain>[^:]+))(?::(?<port>\d+))?$/.exec(text)?.groups ?? {}
  const host = bracketed ?? plain
  if (host === undefined) throw wrongForm()
  return { host, port: port === undefined ? defaultPort : Number(port) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrongForm()
  }
}

/** Without the URL: it may hold a password. */
const wrongForm = (): SluiceError =>
  new SluiceError(
    'STORE_UNAVAILABLE',
    'the store URL is not one of redis://host:port/database, redis+sentinel://host:port,host:port/master, redis+cluster://host:port,host:port'
  )
