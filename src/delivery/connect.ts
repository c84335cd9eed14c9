import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import type { EgressCheck } from './egress.ts'

const connectTimeoutMs = 10_000

/** An address that the egress rules refuse; nothing was connected. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
}

/** undici's connector behind the egress check, which sees each address that is about to be dialled. */
export function createConnector(check: EgressCheck, caCerts: string | undefined): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: checkedLookup(check),
    ...(caCerts !== undefined && { ca: caCerts })
  })
  return (options, callback) => {
    // net.connect does not look up what is an address already.
    if (isIP(options.hostname) !== 0 && !check(options.hostname, options.hostname)) {
      queueMicrotask(() => callback(new EgressRefused(`${options.hostname} is refused`), null))
      return
    }
    connect(options, callback)
  }
}

function checkedLookup(check: EgressCheck): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupAllOptions = { ...options, all: true }
    dnsLookup(hostname, all, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const allowed = addresses.filter(({ address }) => check(hostname, address))
      const [first] = allowed
      if (first === undefined) return callback(new EgressRefused(`every address of ${hostname} is refused`), [])
      return options.all === true ? callback(null, allowed) : answerOne(callback, first)
    })
  }
}

const answerOne = (callback: Parameters<LookupFunction>[2], { address, family }: LookupAddress): void =>
  callback(null, address, family)
