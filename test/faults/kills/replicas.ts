import { startKillableGateway, type GatewayOnStore, type KillableGateway } from '../../helpers/killable-gateway.ts'

/** Gateways on one store, each of which is replaced when it was killed. */
export class Replicas implements AsyncDisposable {
  readonly #options: GatewayOnStore
  #running: readonly KillableGateway[] = []

  constructor(options: GatewayOnStore) {
    this.#options = options
  }

  get running(): readonly KillableGateway[] {
    return this.#running
  }

  /** One that runs. */
  get any(): KillableGateway {
    const [first] = this.#running
    if (first === undefined) throw new Error('no gateway runs')
    return first
  }

  async start(count = 1): Promise<void> {
    const started = await Promise.all(Array.from({ length: count }, () => startKillableGateway(this.#options)))
    this.#running = [...this.#running, ...started]
  }

  /** Kills the one at the index; callers do not see it in `running` from then on. */
  async kill(index: number): Promise<void> {
    const victim = this.#running[index]
    if (victim === undefined) throw new Error(`there is no replica ${index}`)
    const dead = victim.kill9()
    this.#running = this.#running.filter(replica => replica !== victim)
    await dead
    await victim[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map(replica => replica[Symbol.asyncDispose]()))
  }
}
