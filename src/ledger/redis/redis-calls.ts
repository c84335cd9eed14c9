import type { Keys } from './keys.ts'
import { LostCalls } from './lost-calls.ts'
import type { Argument, RedisConnection } from './redis-connection.ts'
import type { Script } from './scripts/script.ts'

export interface RedisCallsDeps {
  readonly connection: RedisConnection
  readonly keys: Keys
  /** There may be something to claim. */
  readonly onWork: (pipeline: string) => void
  /** Something of the pipeline has changed. */
  readonly onChange: (pipeline: string) => void
}

/** Runs of scripts on the keys of a pipeline, and who is told of what they did. */
export class RedisCalls {
  readonly connection: RedisConnection
  readonly onWork: (pipeline: string) => void
  readonly onChange: (pipeline: string) => void
  /** Those that were to claim, and got no answer. */
  readonly lost = new LostCalls()
  readonly #keys: Keys

  constructor({ connection, keys, onWork, onChange }: RedisCallsDeps) {
    this.connection = connection
    this.onWork = onWork
    this.onChange = onChange
    this.#keys = keys
  }

  run(script: Script, pipeline: string, args: readonly Argument[]): Promise<unknown> {
    return this.connection.run(script, this.#keys.pipeline(pipeline), args)
  }

  /** `calls`: those that are lost when no answer comes. */
  async runClaiming(
    script: Script,
    pipeline: string,
    args: readonly Argument[],
    calls: readonly string[]
  ): Promise<unknown> {
    try {
      return await this.run(script, pipeline, args)
    } catch (error) {
      this.lost.add(pipeline, calls)
      throw error
    }
  }
}
