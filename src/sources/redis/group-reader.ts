import { messageOf } from '../../errors.ts'
import type { RedisClient } from '../../redis/redis-client.ts'

/** An entry as Redis has it: names and values of its fields. */
export interface StreamEntry {
  readonly id: string
  readonly fields: readonly (readonly [string, Buffer])[]
}

export interface GroupReaderOptions {
  readonly stream: string
  readonly group: string
  readonly consumer: string
}

/** How long Redis holds a read that finds nothing, in milliseconds: shorter than a command may take. */
const blockMs = 1_000
/** No reader has more in its hands. */
const mostLeft = 256

/** One consumer of a group of a stream. Every method rejects with what Redis, or the client, says. */
export class GroupReader {
  readonly #client: RedisClient
  readonly #options: GroupReaderOptions

  constructor(client: RedisClient, options: GroupReaderOptions) {
    this.#client = client
    this.#options = options
  }

  /** Makes the group if it is missing, from the beginning of the stream. */
  async create(): Promise<void> {
    const { stream, group } = this.#options
    try {
      await this.#client.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
    } catch (thrown) {
      if (!messageOf(thrown).startsWith('BUSYGROUP')) throw thrown
    }
  }

  /** Entries that nobody has been given yet; none after a second without any. */
  async next(count: number): Promise<readonly StreamEntry[]> {
    return this.#read(count, '>', ['BLOCK', String(blockMs)])
  }

  /** Entries that this consumer was given, and has not acknowledged. */
  async own(count: number): Promise<readonly StreamEntry[]> {
    return this.#read(count, '0', [])
  }

  async #read(count: number, from: string, how: readonly string[]): Promise<readonly StreamEntry[]> {
    const { stream, group, consumer } = this.#options
    const args = ['GROUP', group, consumer, 'COUNT', String(count), ...how, 'STREAMS', stream, from]
    const read = await this.#client.callBuffer('XREADGROUP', ...args)
    const [first, second] = listOf(read)
    // By RESP3 a map of streams comes as a flat list, by RESP2 as a list of pairs.
    return listOf(Array.isArray(first) ? first[1] : second).map(entryOf)
  }

  /** Takes over entries of consumers that have not touched them for so long. */
  async takeOver(idleMs: number, count: number): Promise<readonly StreamEntry[]> {
    const { stream, group, consumer } = this.#options
    const args = [stream, group, consumer, String(idleMs), '0', 'COUNT', String(count)]
    const [, entries] = listOf(await this.#client.callBuffer('XAUTOCLAIM', ...args))
    // An entry that was deleted meanwhile has no fields.
    return listOf(entries)
      .filter(entry => Array.isArray(listOf(entry)[1]))
      .map(entryOf)
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    const { stream, group } = this.#options
    if (ids.length > 0) await this.#client.xack(stream, group, ...ids)
  }

  /** Entries that were given to some consumer, and not acknowledged. */
  async pending(): Promise<number> {
    const { stream, group } = this.#options
    const [count] = listOf(await this.#client.call('XPENDING', stream, group))
    return Number(count ?? 0)
  }

  /** Consumers that have nothing and have asked for nothing for so long are gone for good. */
  async forgetGone(idleMs: number): Promise<void> {
    const { stream, group, consumer } = this.#options
    for (const each of listOf(await this.#client.call('XINFO', 'CONSUMERS', stream, group)).map(fieldsOf)) {
      const isGone = Number(each['pending']) === 0 && Number(each['idle']) > idleMs
      if (isGone && each['name'] !== consumer)
        await this.#client.xgroup('DELCONSUMER', stream, group, each['name'] ?? '')
    }
  }

  /**
   * Has the group forget this consumer. Entries that it was given in the end, and has not acknowledged, look as if nobody
   * had touched them for so long: whoever reads next takes them over at once.
   */
  async leave(goneMs: number): Promise<void> {
    const { stream, group, consumer } = this.#options
    const left = (await this.own(mostLeft)).map(({ id }) => id)
    if (left.length === 0) await this.#client.xgroup('DELCONSUMER', stream, group, consumer)
    else await this.#client.call('XCLAIM', stream, group, consumer, '0', ...left, 'IDLE', String(goneMs), 'JUSTID')
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function fieldsOf(value: unknown): Readonly<Record<string, string>> {
  const flat = listOf(value).map(String)
  return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])))
}

function entryOf(value: unknown): StreamEntry {
  const [id, flat] = listOf(value)
  const list = listOf(flat).map(field => (field instanceof Buffer ? field : Buffer.from(String(field))))
  const fields = list.flatMap((name, i): [string, Buffer][] =>
    i % 2 === 0 ? [[name.toString(), list[i + 1] ?? Buffer.alloc(0)]] : []
  )
  return { id: String(id), fields }
}
