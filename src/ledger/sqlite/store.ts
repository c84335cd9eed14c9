import { existsSync } from 'node:fs'
import type { Claim } from '../ledger.ts'
import type { Database } from './database.ts'
import type { Roles } from './elect.ts'
import { handle, isWrite } from './handlers.ts'
import { Holder } from './holder.ts'
import { openDatabase } from './open-database.ts'
import type { Operation, OperationResult } from './operations.ts'
import { Session } from './session.ts'
import { release } from './settle.ts'
import { state } from './state.ts'
import { StoreFault, storeFaultMessage } from './store-fault.ts'

type Result = OperationResult<unknown>

/** More than one gateway has in flight. */
const keptClaims = 1000

/**
 * The database behind a ledger: carries out batches of operations, the writes of a batch in one transaction with one
 * fsync.
 *
 * When the disk fails nobody can know whether the transaction is in the file, so the connection is closed, and opened
 * again for the next batch: what is in the file then is the truth.
 */
export class Store implements Disposable {
  readonly #path: string
  readonly #holder: Holder | undefined
  readonly #roles: Roles = new Map()
  #session: Session | undefined
  /**
   * What was claimed in transactions whose COMMIT failed. If it is in the file all the same, nobody knows of it: the next
   * transaction gives it back. The newest, as during an outage the same requests may be claimed again and again.
   */
  #unknownClaims: readonly Claim[] = []
  /** The disk failed: what is missing in the log, if anything, would take with it all that is appended. */
  #logInDoubt = false

  /**
   * No other process uses the store, so who claimed what is claimed in it is gone: those leases end now. What is delayed
   * waits for a breaker of that process, on its clock: it is ready.
   */
  constructor(path: string) {
    this.#path = path
    const database = openDatabase(path)
    database.change(
      `UPDATE requests SET position = 0, token = token + 1 WHERE state = ${state.claimed} AND position IS NOT NULL`
    )
    database.change(
      `UPDATE requests SET state = ${state.ready}, position = rank, version = version + 1
       WHERE state = ${state.delayed} AND position IS NOT NULL`
    )
    this.#session = new Session(database, this.#roles)
    this.#holder = database.inMemory ? undefined : new Holder(path)
    this.#holder?.take()
  }

  /** The results, in the order of the operations. Reads come after the writes of their batch, without a transaction. */
  run(operations: readonly Operation[]): readonly Result[] {
    const written = this.#write(operations.filter(isWrite)).values()
    return operations.map(operation => (isWrite(operation) ? written.next().value : undefined) ?? this.#read(operation))
  }

  [Symbol.dispose](): void {
    this.#session?.database[Symbol.dispose]()
    this.#session = undefined
    this.#holder?.[Symbol.dispose]()
  }

  #write(operations: readonly Operation[]): readonly Result[] {
    if (operations.length === 0) return []
    try {
      const session = this.#open()
      if (this.#logInDoubt) this.#renewLog(session.database)
      session.database.execute('BEGIN IMMEDIATE')
      for (const claim of this.#unknownClaims) release(session, { claim, delayMs: 0, spent: false })
      const values = operations.map(({ name, input }) => handle(session, name, input))
      this.#unknownClaims = [...this.#unknownClaims, ...session.claims].slice(-keptClaims)
      session.database.execute('COMMIT')
      this.#unknownClaims = []
      session.claims = []
      return values.map(value => ({ kind: 'done', value }))
    } catch (error) {
      this.#forget(error)
      const final = operations.length === 1 || storeFaultMessage(error) !== undefined
      // One operation that cannot be carried out must not take the others of its batch with it.
      return final ? operations.map(() => failure(error)) : operations.flatMap(operation => this.#write([operation]))
    }
  }

  #read({ name, input }: Operation): Result {
    try {
      return { kind: 'done', value: handle(this.#open(), name, input) }
    } catch (error) {
      this.#forget(error)
      return failure(error)
    }
  }

  #open(): Session {
    this.#session ??= new Session(this.#reopen(), this.#roles)
    return this.#session
  }

  /** Never makes a new file in place of one that is gone, with its disk perhaps: what was accepted is in that one. */
  #reopen(): Database {
    if (!existsSync(this.#path)) throw new StoreFault(`the file of the store is gone: ${this.#path}`)
    return openDatabase(this.#path)
  }

  /** Moves what the log has into the database, and both to the disk, before anything is added. */
  #renewLog(database: Database): void {
    database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#logInDoubt = false
  }

  /** Gives up the transaction and what is known of the contents; the connection too when the store failed. */
  #forget(error: unknown): void {
    const database = this.#session?.database
    this.#session = undefined
    if (database === undefined) return
    if (storeFaultMessage(error) !== undefined && !database.inMemory) {
      this.#logInDoubt = true
      database[Symbol.dispose]()
    } else {
      if (database.inTransaction) database.execute('ROLLBACK')
      this.#session = new Session(database, this.#roles)
    }
  }
}

function failure(error: unknown): Result {
  const message = storeFaultMessage(error)
  if (message === undefined) return { kind: 'failed', message: String(error), cause: error }
  return { kind: 'unavailable', message, cause: error }
}
