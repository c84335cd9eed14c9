import type { RedisClient } from '../../redis/redis-client.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readInfo } from './redis-settings.ts'

const everyMs = 1_000
/**
 * For so long a replica that is gone counts as one that may have been promoted, in milliseconds: Sentinel tells the old
 * master up to ten seconds later that it is one no more.
 */
const goneMs = 30_000

interface NodeReplicas {
  /** A server that was started again, or another one, begins anew. */
  readonly run: string
  /** How many follow now. */
  following: number
  needed: number
  /** When fewer will do. */
  neededUntil: number
  /** Whether as many as are needed confirmed what they were last asked for, as far as is known. */
  confirms: boolean
}

/**
 * How many replicas must have a request before its acceptance is told: all that follow, and those that followed a while
 * ago. With fewer, the one that is promoted could be the one that lacks it.
 */
export class Replicas implements Disposable {
  readonly #connection: RedisConnection
  /** Whether there is somebody who promotes replicas, also where none follows at the moment. */
  readonly #always: boolean
  #nodes = new Map<RedisClient, NodeReplicas>()
  readonly #timer: NodeJS.Timeout

  constructor(connection: RedisConnection, always: boolean) {
    this.#connection = connection
    this.#always = always
    connection.onReady(() => {
      for (const node of this.#nodes.values()) node.confirms = false
      void this.look()
    })
    this.#timer = setInterval(() => void this.look(), everyMs)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  /** How many there have to be; `undefined`: not so many confirm at the moment, or nothing is known of the node. */
  needed(client: RedisClient): number | undefined {
    const node = this.#nodes.get(client)
    return node?.confirms === true ? node.needed : undefined
  }

  /** Fewer confirmed than have to: none is asked before the next look. */
  missed(client: RedisClient): void {
    const node = this.#nodes.get(client)
    if (node !== undefined) node.confirms = false
  }

  async look(): Promise<void> {
    const looked = await Promise.all(
      this.#connection.nodes.map(async client => [client, await this.#lookAt(client).catch(() => undefined)] as const)
    )
    this.#nodes = new Map(looked.flatMap(([client, node]) => (node === undefined ? [] : [[client, node] as const])))
  }

  async #lookAt(client: RedisClient): Promise<NodeReplicas> {
    const info = await readInfo(client)
    const run = info.get('run_id') ?? ''
    const following = followers(info)
    const before = this.#nodes.get(client)
    const now = performance.now()
    const least = this.#always ? 1 : 0
    if (before?.run !== run) return nodeReplicas(run, following, Math.max(following, least), now)
    if (following >= before.needed || now > before.neededUntil) {
      // One that had replicas once may get them again.
      return nodeReplicas(run, following, Math.max(following, least, Math.min(before.needed, 1)), now)
    }
    return { ...before, following, confirms: false }
  }
}

const nodeReplicas = (run: string, following: number, needed: number, now: number): NodeReplicas => ({
  run,
  following,
  needed,
  neededUntil: now + goneMs,
  confirms: following >= needed
})

/** One that is still being brought up to date cannot be promoted. */
const followers = (info: ReadonlyMap<string, string>): number =>
  [...info].filter(([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online')).length
