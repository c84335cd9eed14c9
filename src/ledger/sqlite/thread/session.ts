import type { Claim } from '../../work.ts'
import type { Database } from './database.ts'
import { state } from './request-state.ts'

/**
 * The owner of each role, and the time until which it has it. In memory, since all who could have one use the same
 * process.
 */
export type RoleOwners = Map<string, { readonly owner: string; readonly until: number }>

/** A pipeline as the store numbers it, and how much of it is not settled. */
export interface PipelineQueue {
  readonly no: number
  readonly name: string
  /** Ready, delayed or blocked. */
  queued: number
  claimed: number
}

/** How far the clocks were apart when the process started. */
const startedAt = Date.now() - performance.now()

/**
 * A database connection with cached queue lengths, so that accepting a request counts no rows. It is thrown away
 * when a transaction was rolled back.
 */
export class Session {
  readonly database: Database
  readonly roles: RoleOwners
  /** Those of the transaction that is open. */
  claims: Claim[] = []
  /** The numbers of those that are not settled and have a stream, so that no other pays for looking for one. */
  readonly streaming: Set<number>
  readonly #byName = new Map<string, PipelineQueue>()
  readonly #byNo = new Map<number, PipelineQueue>()

  constructor(database: Database, roles: RoleOwners) {
    this.database = database
    this.roles = roles
    this.streaming = new Set(database.rows<{ seq: number }>('SELECT seq FROM streams').map(({ seq }) => seq))
    const named = database.rows<{ no: number; name: string }>('SELECT no, name FROM pipelines')
    for (const { no, name } of named) this.#keep({ no, name, queued: 0, claimed: 0 })
    const counts = database.rows<{ pipeline: number; claimed: number; requests: number }>(
      `SELECT pipeline, state = ${state.claimed} AS claimed, count(*) AS requests
       FROM requests INDEXED BY queue WHERE position IS NOT NULL GROUP BY 1, 2`
    )
    for (const { pipeline, claimed, requests } of counts) {
      this.queue(pipeline)[claimed === 1 ? 'claimed' : 'queued'] = requests
    }
  }

  /** Milliseconds since the epoch, for what people read. */
  now(): number {
    return Date.now()
  }

  /** Milliseconds that pass evenly also when somebody sets the clock, for leases and delays. */
  elapsed(): number {
    return Math.floor(startedAt + performance.now())
  }

  queues(): Iterable<PipelineQueue> {
    return this.#byNo.values()
  }

  queue(no: number): PipelineQueue {
    const queue = this.#byNo.get(no)
    if (queue === undefined) throw new Error(`the store has no pipeline ${no}`)
    return queue
  }

  find(pipeline: string): PipelineQueue | undefined {
    return this.#byName.get(pipeline)
  }

  findOrAdd(pipeline: string): PipelineQueue {
    const known = this.find(pipeline)
    if (known !== undefined) return known
    const no = this.database.insert('INSERT INTO pipelines (name) VALUES (?)', pipeline)
    return this.#keep({ no, name: pipeline, queued: 0, claimed: 0 })
  }

  #keep(queue: PipelineQueue): PipelineQueue {
    this.#byName.set(queue.name, queue)
    this.#byNo.set(queue.no, queue)
    return queue
  }
}
