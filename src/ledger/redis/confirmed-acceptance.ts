import { SluiceError } from '../../errors.ts'
import { silentLogger } from '../../telemetry/log.ts'
import type { Keys } from './keys.ts'
import type { RedisAddress } from '../../redis/redis-address.ts'
import { RedisConnection, type Argument } from './redis-connection.ts'
import { RefusedCalls } from './refused-calls.ts'
import { Replicas } from './replicas.ts'
import { readNumber } from './read-reply.ts'
import { acceptScript } from './scripts/accept.ts'
import { withdrawScript } from './scripts/withdraw.ts'

/** How long an acceptance waits for the replicas, in milliseconds. */
const waitMs = 500
const takeBackMs = 1_000
const connectTimeoutMs = 5_000

export interface ConfirmedAcceptanceDeps {
  /** One of its own: who waits for a replica holds up nobody else. */
  readonly accepting: RedisConnection
  readonly connection: RedisConnection
  readonly keys: Keys
  readonly replicas: Replicas
}

/**
 * Accepts what all replicas have that may be promoted. Until they have it, it is claimed, so that nobody runs it; when
 * they do not get it in time it is taken back, now or as soon as Redis can be reached, and its caller is refused.
 */
export class ConfirmedAcceptance implements Disposable {
  /** How long an acceptance is held for the confirmation when its caller does not claim it, in milliseconds. */
  readonly holdMs = 10_000
  readonly #deps: ConfirmedAcceptanceDeps
  readonly #refused = new RefusedCalls()
  readonly #owned: Disposable
  readonly #timer: NodeJS.Timeout

  /** `owned` ends with it. */
  constructor(deps: ConfirmedAcceptanceDeps, owned: Disposable) {
    this.#deps = deps
    this.#owned = owned
    this.#timer = setInterval(() => {
      for (const pipeline of this.#refused.pipelines) void this.takeBack(pipeline).catch(() => {})
    }, takeBackMs)
  }

  get connection(): RedisConnection {
    return this.#deps.accepting
  }

  /** Whether there are replicas that could be promoted. */
  asks(pipeline: string): boolean {
    const node = this.#deps.accepting.nodeOf(this.#deps.keys.pipeline(pipeline))
    return node === undefined || this.#deps.replicas.needed(node) !== 0
  }

  /** As `acceptScript` answers; the name of the call is the first of its arguments. */
  async run(pipeline: string, call: string, args: readonly Argument[]): Promise<unknown> {
    const { accepting, keys, replicas } = this.#deps
    const key = keys.pipeline(pipeline)
    const node = accepting.nodeOf(key)
    const needed = node && replicas.needed(node)
    if (node === undefined || needed === undefined) throw tooFew()
    try {
      const wait = { node, replicas: needed, ms: waitMs }
      const { answer, confirmed } = await accepting.runAndWait(acceptScript, key, [call, ...args], wait)
      if (confirmed >= needed) return answer
      replicas.missed(node)
      throw tooFew()
    } catch (error) {
      this.#refused.add(pipeline, call)
      // Which also finds the node to which a slot was moved.
      await this.takeBack(pipeline).catch(() => {})
      throw error
    }
  }

  /** A request that was not confirmed must not be run: done before anything of the pipeline is claimed. */
  async takeBack(pipeline: string): Promise<void> {
    const calls = this.#refused.of(pipeline)
    if (calls.length === 0) return
    const { connection, keys } = this.#deps
    const since = performance.now()
    readNumber(await connection.run(withdrawScript, keys.pipeline(pipeline), calls))
    this.#refused.withdrawn(pipeline, since)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#owned[Symbol.dispose]()
  }
}

interface ConfirmingDeps {
  readonly address: RedisAddress
  readonly connection: RedisConnection
  readonly keys: Keys
}

/** Opens what confirming takes, and finds out how many replicas there are. */
export async function startConfirming({ address, connection, keys }: ConfirmingDeps): Promise<ConfirmedAcceptance> {
  using opened = new DisposableStack()
  // The other connection tells the log of an outage.
  const accepting = opened.use(new RedisConnection(address, silentLogger()))
  await accepting.ready(connectTimeoutMs)
  const replicas = opened.use(new Replicas(accepting, address.kind === 'sentinel'))
  await replicas.look()
  const confirmed = new ConfirmedAcceptance({ accepting, connection, keys, replicas }, opened.move())
  return confirmed
}

const tooFew = (): SluiceError =>
  new SluiceError(
    'STORE_UNAVAILABLE',
    'not every replica of Redis that may be promoted confirms what is accepted (--durability strict): see its replicas',
    { facts: { retryAfterMs: 1000 } }
  )
