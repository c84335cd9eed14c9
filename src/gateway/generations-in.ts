import type { GatewayConfig } from '../config.ts'
import { Generations } from '../control/generations.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Other replicas on a store accept requests with the definitions that they have, for this long at the most. */
const othersMs = 3_600_000

/** The generations in the store, as this gateway keeps them. */
export const generationsIn = ({ store }: Pick<GatewayConfig, 'store'>, ledger: Ledger): Generations =>
  new Generations({ ledger, unusedMs: storeAddress(store).hosted ? 0 : othersMs })
