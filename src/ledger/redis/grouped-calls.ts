import type { Argument, RedisConnection } from './redis-connection.ts'

/** One call among those of its turn. */
interface Waiting<Answer> {
  readonly args: readonly Argument[]
  readonly answered: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Carries out calls on one pipeline, with the arguments of all; answers each. */
type RunCalls<Answer> = (pipeline: string, args: readonly Argument[]) => Promise<readonly Answer[]>

interface Group<Answer> {
  readonly calls: Waiting<Answer>[]
  bytes: number
}

/** The most that one run takes, in bytes, unless it is a single call: Redis serves nobody else while a script runs. */
const maxBytes = 256 * 1024
/** The cost of an argument beside its length, in bytes. */
const argumentBytes = 64

/**
 * Calls on a pipeline in one turn of the event loop are carried out by one run of a script, which costs both sides much
 * less than a run for each. None waits for this longer than for its turn to end. A call that fills a group, by bytes or
 * by number, sends it at once, so that Redis works while the turn goes on.
 */
export class GroupedCalls<Answer> {
  readonly #connection: RedisConnection
  readonly #runCalls: RunCalls<Answer>
  readonly #maxCalls: number
  readonly #groups = new Map<string, Group<Answer>>()

  /** `maxCalls`: how many fill a group. */
  constructor(connection: RedisConnection, run: RunCalls<Answer>, maxCalls: number) {
    this.#connection = connection
    this.#runCalls = run
    this.#maxCalls = maxCalls
  }

  /** The answer as `read` reads it; what that throws is the failure of this call alone. */
  add<T>(pipeline: string, args: readonly Argument[], read: (answer: Answer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const bytes = sizeOf(args)
      const group = this.#groupWithRoom(pipeline, bytes)
      group.bytes += bytes
      const answered = (answer: Answer): void => {
        try {
          resolve(read(answer))
        } catch (thrown) {
          reject(thrown)
        }
      }
      if (group.calls.push({ args, answered, reject }) >= this.#maxCalls) this.#sendNow(pipeline, group)
    })
  }

  #groupWithRoom(pipeline: string, bytes: number): Group<Answer> {
    const open = this.#groups.get(pipeline)
    if (open !== undefined && open.bytes + bytes <= maxBytes) return open
    if (open !== undefined) this.#sendNow(pipeline, open)
    const group: Group<Answer> = { calls: [], bytes: 0 }
    this.#groups.set(pipeline, group)
    this.#connection.atEndOfTurn(() => this.#send(pipeline, group))
    return group
  }

  #sendNow(pipeline: string, group: Group<Answer>): void {
    this.#send(pipeline, group)
    this.#connection.flush()
  }

  /** Unless it has been sent. */
  #send(pipeline: string, group: Group<Answer>): void {
    if (this.#groups.get(pipeline) !== group) return
    this.#groups.delete(pipeline)
    void this.#run(pipeline, group.calls)
  }

  async #run(pipeline: string, group: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const args: Argument[] = []
      for (const each of group) args.push(...each.args)
      const answers = await this.#runCalls(pipeline, args)
      if (answers.length !== group.length) throw new TypeError('Redis did not answer every call of a group')
      answers.forEach((answer, i) => group[i]?.answered(answer))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}

function sizeOf(args: readonly Argument[]): number {
  let bytes = 0
  for (const arg of args) bytes += argumentBytes + (typeof arg === 'number' ? 0 : arg.length)
  return bytes
}
