import type { Argument, RedisConnection } from './redis-connection.ts'

/** One call among those of its turn. */
interface Waiting<Answer> {
  readonly args: readonly Argument[]
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Carries out calls on one pipeline, with the arguments of all; answers each. */
type RunCalls<Answer> = (pipeline: string, args: readonly Argument[]) => Promise<readonly Answer[]>

/** What one run takes at most, in bytes, unless it is a single call: Redis serves nobody else while a script runs. */
const maxBytes = 256 * 1024
/** What an argument costs beside its length, in bytes. */
const argumentBytes = 64

/**
 * Calls on a pipeline in one turn of the event loop are carried out by one run of a script, which costs both sides much
 * less than a run for each. None waits for this longer than for its turn to end.
 */
export class GroupedCalls<Answer> {
  readonly #connection: RedisConnection
  readonly #runCalls: RunCalls<Answer>
  readonly #groups = new Map<string, Waiting<Answer>[]>()

  constructor(connection: RedisConnection, run: RunCalls<Answer>) {
    this.#connection = connection
    this.#runCalls = run
  }

  add(pipeline: string, args: readonly Argument[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = { args, resolve, reject }
      const group = this.#groups.get(pipeline)
      if (group === undefined) {
        this.#groups.set(pipeline, [waiting])
        this.#connection.atEndOfTurn(() => this.#send(pipeline))
      } else {
        group.push(waiting)
      }
    })
  }

  #send(pipeline: string): void {
    const group = this.#groups.get(pipeline) ?? []
    this.#groups.delete(pipeline)
    let [first, bytes] = [0, 0]
    group.forEach(({ args }, i) => {
      const size = sizeOf(args)
      if (i > first && bytes + size > maxBytes) {
        void this.#run(pipeline, group.slice(first, i))
        ;[first, bytes] = [i, 0]
      }
      bytes += size
    })
    void this.#run(pipeline, group.slice(first))
  }

  async #run(pipeline: string, group: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const args: Argument[] = []
      for (const each of group) args.push(...each.args)
      const answers = await this.#runCalls(pipeline, args)
      if (answers.length !== group.length) throw new TypeError('Redis did not answer every call of a group')
      answers.forEach((answer, i) => group[i]?.resolve(answer))
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
