import { setTimeout as delay } from 'node:timers/promises'
import { startFairClock } from '../helpers/fair-clock.ts'
import type { StoreScene } from './store-scene.ts'

/** The answer to one POST of a stored request, with times by `performance.now()`. */
export interface StoredAnswer {
  readonly key: string
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: string | null
  readonly sentAt: number
  readonly at: number
}

/** Disposing of one that was not stopped gives up what was not accepted. */
export interface StoreLoad extends AsyncDisposable {
  readonly answers: readonly StoredAnswer[]
  /** Of those that were answered 202: the id by the key. */
  readonly accepted: ReadonlyMap<string, string>
  /** How long each synchronous request took, in milliseconds of a fair clock. */
  readonly synchronous: readonly number[]
  /** Synchronous requests that were not answered with 200. */
  readonly synchronousFailures: readonly string[]
  /** The most POSTs of stored requests that waited for their answer at one time. */
  readonly mostWaiting: number
  /** Sends no new keys, and ends when all that were sent have been accepted. */
  stop(): Promise<void>
}

const everyMs = 20
/** As `Retry-After` of the refusals says. */
const tryAgainMs = 1_000

/**
 * Fifty stored requests a second, however fast they are answered, each under a key of its own that is repeated until
 * it is accepted; and beside them a synchronous request all the time.
 */
export function startStoreLoad(scene: StoreScene): StoreLoad {
  const load = new RunningLoad(scene)
  load.start()
  return load
}

class RunningLoad implements StoreLoad {
  readonly answers: StoredAnswer[] = []
  readonly accepted = new Map<string, string>()
  readonly synchronous: number[] = []
  readonly synchronousFailures: string[] = []
  mostWaiting = 0
  readonly #scene: StoreScene
  readonly #sending = new Set<Promise<void>>()
  #waiting = 0
  #sent = 0
  #stopped = false
  #timer: NodeJS.Timeout | undefined
  #probing: Promise<void> | undefined

  constructor(scene: StoreScene) {
    this.#scene = scene
  }

  start(): void {
    this.#timer = setInterval(() => {
      const sending = this.#sendUntilAccepted(`key-${++this.#sent}`).finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
    }, everyMs)
    this.#probing = this.#probe()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#sending)
    this.#stopped = true
    await this.#probing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.stop()
  }

  async #sendUntilAccepted(key: string): Promise<void> {
    while (!this.#stopped && (await this.#send(key)) !== 202) await delay(tryAgainMs)
  }

  async #send(key: string): Promise<number> {
    const sentAt = performance.now()
    this.mostWaiting = Math.max(this.mostWaiting, ++this.#waiting)
    try {
      const answer = await this.#scene.post(key, { prefer: 'respond-async', 'idempotency-key': key })
      const { status, headers } = answer
      const { id, code }: { id?: string; code?: string } = JSON.parse(await answer.text())
      if (status === 202 && id !== undefined) this.accepted.set(key, id)
      this.answers.push({ key, status, code, retryAfter: headers.get('retry-after'), sentAt, at: performance.now() })
      return status
    } finally {
      this.#waiting--
    }
  }

  async #probe(): Promise<void> {
    while (!this.#stopped) {
      const clock = startFairClock(this.#scene.gateway.pid)
      const answer = await this.#scene.post('synchronous')
      const text = await answer.text()
      this.synchronous.push(clock.elapsed())
      if (answer.status !== 200) this.synchronousFailures.push(`${answer.status} ${text}`)
      await delay(everyMs)
    }
  }
}
