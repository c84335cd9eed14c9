import { messageOf, SluiceError, type ErrorCode } from '../errors.ts'
import { entryOf } from '../event/entry-fields.ts'
import type { CommandConnection } from '../redis/command-connection.ts'
import type { Sink } from './sink.ts'

/** Streams that events are added to: a connection for each Redis, made on first use. */
export class RedisStreams implements AsyncDisposable {
  readonly #connections = new Map<string, CommandConnection>()

  sink(url: string, stream: string): Sink {
    return {
      take: async event => {
        try {
          const client = await (await this.#connection(url)).ready()
          await client.xadd(stream, '*', ...entryOf(event))
        } catch (thrown) {
          throw failure(thrown)
        }
      }
    }
  }

  /** Ends the connections to these URLs. */
  drop(unused: ReadonlySet<string>): void {
    for (const [url, connection] of this.#connections) {
      if (!unused.has(url)) continue
      this.#connections.delete(url)
      connection[Symbol.dispose]()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections.values()) connection[Symbol.dispose]()
    this.#connections.clear()
    return Promise.resolve()
  }

  async #connection(url: string): Promise<CommandConnection> {
    // Few gateways have such a sink, and the package of Redis is not small.
    const { CommandConnection: Connection } = await import('../redis/command-connection.ts')
    const known = this.#connections.get(url) ?? new Connection(url)
    this.#connections.set(url, known)
    return known
  }
}

/** Redis will answer otherwise when it has been given memory, say, or has come back. */
const passing = /^-?(OOM|READONLY|LOADING|BUSY|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/

/** Without the URL: it may hold a password. */
function failure(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  const said = messageOf(thrown)
  const isAnswer = thrown instanceof Error && thrown.name === 'ReplyError'
  const code: ErrorCode = isAnswer && !passing.test(said) ? 'STEP_REJECTED' : 'STEP_UNREACHABLE'
  return new SluiceError(code, isAnswer ? `Redis answered ${said}` : 'Redis cannot be reached', { cause: thrown })
}
