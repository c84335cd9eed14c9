import { MessageChannel } from 'node:worker_threads'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import { connectSqliteLedger } from '../../../../src/ledger/sqlite/hosting/connect-sqlite-ledger.ts'
import type { GuestMessage, HostMessage } from '../../../../src/ledger/sqlite/hosting/guest-message.ts'
import { hostSqliteLedger, type HostedLedger } from '../../../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { RemoteStore } from '../../../../src/ledger/sqlite/hosting/remote-store.ts'

/** A process that reaches the store of another. */
export interface Guest extends AsyncDisposable {
  readonly ledger: Ledger
  /** It is gone, and could close nothing. */
  die(): Promise<void>
}

export const hostLedger = (): Promise<HostedLedger> => hostSqliteLedger({ path: ':memory:' })

/** A guest of the host, by messages that are cloned as those between processes are. */
export function connectGuest({ host }: HostedLedger): Guest {
  const { port1, port2 } = new MessageChannel()
  const store = new RemoteStore(message => port2.postMessage(message))
  const guest = host.connect(message => port1.postMessage(message))
  port1.on('message', (message: GuestMessage) => guest.receive(message))
  port2.on('message', (message: HostMessage) => store.receive(message))
  const ledger = connectSqliteLedger(store, host.durability)
  const die = async (): Promise<void> => {
    await guest[Symbol.asyncDispose]()
    port1.close()
  }
  return {
    ledger,
    die,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      await die()
    }
  }
}
