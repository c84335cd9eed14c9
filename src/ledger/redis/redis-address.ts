import { SluiceError } from '../../errors.ts'

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
  /** As it may be shown: without user and password. */
  readonly label: string
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
  return {
    kind: known,
    tls: scheme === 'rediss',
    username: username || undefined,
    password: password || undefined,
    hosts: [first, ...others],
    database: known === 'single' ? Number(path) : 0,
    master: known === 'sentinel' ? decode(path) : '',
    sentinelPassword: new URLSearchParams(query).get('sentinelPassword') ?? undefined,
    label: known === 'sentinel' ? `${hosts}/${path}` : hosts
  }
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
