import type { Claim } from '../../work.ts'
import type { Database } from './database.ts'
import { handle, isWrite } from './handlers.ts'
import { LockFile } from './lock-file.ts'
import { LeftLog } from './left-log.ts'
import { lostLog } from './lost-log.ts'
import { openDatabase } from './open-database.ts'
import type { Operation, OperationName, OperationResult } from '../operations.ts'
import { Session, type RoleOwners } from './session.ts'
import { release } from './settle.ts'
import { state } from './request-state.ts'
import { isDamage, storeFaultMessage } from '../store-fault.ts'

type Result = OperationResult<unknown>

/** The operations that would promise something anew. */
const promises: ReadonlySet<OperationName> = new Set(['accept', 'replay'])

/** More than one gateway has in flight. */
const keptClaims = 1000

/**
 * The database behind a ledger: carries out batches of operations, the writes of a batch in one transaction with one
 * fsync.
 *
 * When the disk fails nobody can know whether the transaction is in the file, so the connection is closed, and opened
 * again for the next batch: what is in the file then is the truth.
 */
export class Transactions implements Disposable {
  /** The warnings about the file, beside the guarantee of every file. */
  readonly warnings: readonly string[]
  readonly #path: string
  readonly #holder: LockFile | undefined
  readonly #roles: RoleOwners = new Map()
  readonly #leftLog: LeftLog
  #session: Session | undefined
  /**
   * Claims of transactions whose COMMIT failed. If it is in the file all the same, nobody knows of it: the next
   * transaction gives it back. The newest, as during an outage the same requests may be claimed again and again.
   */
  #unknownClaims: readonly Claim[] = []
  /** The disk failed: what is missing in the log, if anything, would take with it all that is appended. */
  #logInDoubt = false
  /** The damage that was found: nothing is accepted any more, while accepted requests go on as far as they can. */
  #damage: Result | undefined

  /**
   * No other process uses the store, so the owners of all claims in it are gone: their leases end now. A delayed
   * request waits for a breaker of such a process, on its clock: it is ready.
   */
  constructor(path: string) {
    this.#path = path
    this.#leftLog = new LeftLog(path)
    const lost = lostLog(path)
    this.warnings = lost === undefined ? [] : [lost]
    const database = openDatabase(path)
    database.change(
      `UPDATE requests SET position = 0, token = token + 1 WHERE state = ${state.claimed} AND position IS NOT NULL`
    )
    database.change(
      `UPDATE requests SET state = ${state.ready}, position = rank, version = version + 1
       WHERE state = ${state.delayed} AND position IS NOT NULL`
    )
    this.#session = new Session(database, this.#roles)
    this.#holder = database.inMemory ? undefined : new LockFile(path)
    this.#holder?.take()
  }

  /** The results, in the order of the operations. Reads come after the writes of their batch, without a transaction. */
  run(operations: readonly Operation[]): readonly Result[] {
    const isRefused = ({ name }: Operation): boolean => this.#damage !== undefined && promises.has(name)
    const refused = new Set(operations.filter(isRefused))
    const written = this.#write(operations.filter(operation => isWrite(operation) && !refused.has(operation))).values()
    return operations.map(operation => {
      if (refused.has(operation)) return this.#damage ?? this.#read(operation)
      return (isWrite(operation) ? written.next().value : undefined) ?? this.#read(operation)
    })
  }

  /** Takes the name away before the log goes, or a kill in between would look like a log that was lost. */
  [Symbol.dispose](): void {
    this.#holder?.[Symbol.dispose]()
    this.#session?.database[Symbol.dispose]()
    this.#session = undefined
  }

  #write(operations: readonly Operation[]): readonly Result[] {
    if (operations.length === 0) return []
    try {
      const session = this.#open()
      if (this.#logInDoubt) this.#renewLog(session.database)
      session.database.execute('BEGIN IMMEDIATE')
      for (const claim of this.#unknownClaims) release(session, { claim, delayMs: 0, spent: false, note: undefined })
      const values = operations.map(({ name, input }) => handle(session, name, input))
      this.#unknownClaims = [...this.#unknownClaims, ...session.claims].slice(-keptClaims)
      session.database.execute('COMMIT')
      this.#unknownClaims = []
      session.claims = []
      return values.map(value => ({ kind: 'done', value }))
    } catch (error) {
      this.#forget(error)
      const final = operations.length === 1 || this.#messageOf(error) !== undefined
      // One operation that cannot be carried out must not take the others of its batch with it.
      return final
        ? operations.map(() => this.#failure(error))
        : operations.flatMap(operation => this.#write([operation]))
    }
  }

  #read({ name, input }: Operation): Result {
    try {
      return { kind: 'done', value: handle(this.#open(), name, input) }
    } catch (error) {
      this.#forget(error)
      return this.#failure(error)
    }
  }

  #open(): Session {
    this.#session ??= new Session(this.#reopen(), this.#roles)
    return this.#session
  }

  #reopen(): Database {
    this.#leftLog.refuseParts()
    return this.#leftLog.watch(() => openDatabase(this.#path))
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
    if (this.#messageOf(error) !== undefined && !database.inMemory) {
      this.#logInDoubt = true
      this.#leftLog.watch(() => database[Symbol.dispose]())
    } else {
      if (database.inTransaction) database.execute('ROLLBACK')
      this.#session = new Session(database, this.#roles)
    }
  }

  #messageOf(error: unknown): string | undefined {
    return storeFaultMessage(error, this.#path)
  }

  #failure(error: unknown): Result {
    const message = this.#messageOf(error)
    if (message === undefined) return { kind: 'failed', message: String(error), cause: error }
    if (!isDamage(error)) return { kind: 'unavailable', message, cause: error }
    this.#damage ??= { kind: 'damaged', message, cause: error }
    return this.#damage
  }
}
