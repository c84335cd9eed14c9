import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'
import type { EgressCheck } from './egress.ts'
import type { SharedLookups } from './names/shared-lookups.ts'
import * as undici from './undici-parts.ts'

const connectTimeoutMs = 10_000

/** An address that the egress rules refuse; nothing was connected. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
}

/** undici's connector behind the egress check, which sees each address that is about to be dialled. */
export function createConnector(
  check: EgressCheck,
  lookups: SharedLookups,
  caCerts: string | undefined
): buildConnector.connector {
  const begun: Begun = { leave: stayAway }
  const connect = undici.buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: checkedLookup(check, lookups, begun),
    ...(caCerts !== undefined && { ca: caCerts })
  })
  return (options, callback) => {
    // net.connect does not look up what is an address already.
    if (isIP(options.hostname) !== 0 && !check(options.hostname, options.hostname)) {
      queueMicrotask(() => callback(new EgressRefused(`${options.hostname} is refused`), null))
      return
    }
    let leave = stayAway
    begun.leave = stayAway
    connect(options, (...result) => {
      // A connection whose time is over waits for no name any more.
      leave()
      callback(...result)
    })
    leave = begun.leave
  }
}

/** How to leave the lookup that began last: net.connect begins it before it returns. */
interface Begun {
  leave: () => void
}

const stayAway = (): void => {}

function checkedLookup(check: EgressCheck, lookups: SharedLookups, begun: Begun): LookupFunction {
  return (hostname, options, callback) => {
    begun.leave = lookups.join(hostname, (error, addresses) => {
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
