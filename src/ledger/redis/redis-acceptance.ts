import { type Accepted, queueFull } from '../acceptance.ts'
import type { NewRequest } from '../record/new-request.ts'
import type { Lease, Work } from '../work.ts'
import type { ConfirmedAcceptance } from './confirmed-acceptance.ts'
import { encodeForAcceptance } from './encoded-request.ts'
import { GroupedCalls } from './grouped-calls.ts'
import { encodeName } from './key-name.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import { createCallName } from './lost-calls.ts'
import { isUnlisted, readAccepted, readAcceptedGroups, readQueueFull, type AcceptedGroup } from './read-accepted.ts'
import { readText } from './read-reply.ts'
import type { RedisCalls } from './redis-calls.ts'
import type { Argument } from './redis-connection.ts'
import { acceptScript } from './scripts/accept.ts'
import { cancelScript } from './scripts/cancel.ts'

export interface RedisAcceptanceDeps {
  readonly calls: RedisCalls
  readonly pipelines: KnownPipelines
  /** Where replicas have to confirm what is accepted. */
  readonly confirmed: ConfirmedAcceptance | undefined
  readonly work: Pick<Work, 'release'>
}

/**
 * How many calls go to Redis together. Every caller waits for an acceptance, all of one turn often: sent in parts, the
 * first are answered while the turn still reads the last.
 */
const maxAccepted = 16

/** How requests come into the ledger, and are taken back: each change is one script. */
export class RedisAcceptance {
  readonly #calls: RedisCalls
  readonly #pipelines: KnownPipelines
  readonly #confirmed: ConfirmedAcceptance | undefined
  readonly #work: Pick<Work, 'release'>
  readonly #accepting: GroupedCalls<AcceptedGroup>

  constructor({ calls, pipelines, confirmed, work }: RedisAcceptanceDeps) {
    this.#calls = calls
    this.#pipelines = pipelines
    this.#confirmed = confirmed
    this.#work = work
    this.#accepting = new GroupedCalls(
      confirmed?.connection ?? calls.connection,
      (pipeline, args) => this.#acceptAll(pipeline, args),
      maxAccepted
    )
  }

  accept(requests: readonly NewRequest[], claim: Lease | undefined): Promise<readonly Accepted[]> {
    const [first] = requests
    if (first === undefined) return Promise.resolve([])
    if (claim !== undefined || this.#confirmed?.asks(first.pipeline) !== true) {
      return this.#accept(first, requests, claim?.leaseMs ?? 0)
    }
    return this.#accept(first, requests, this.#confirmed.holdMs).then(answers => this.#giveFree(answers))
  }

  #accept(first: NewRequest, requests: readonly NewRequest[], leaseMs: number): Promise<readonly Accepted[]> {
    const args: Argument[] = []
    for (const [i, request] of requests.entries()) {
      args.push(...encodeForAcceptance(request, i === 0 ? String(leaseMs) : '+'))
    }
    const { pipeline } = first
    const read = (group: AcceptedGroup): readonly Accepted[] => {
      const waiting = readQueueFull(group)
      if (waiting !== undefined) throw queueFull(pipeline, waiting)
      return readAccepted(group, requests)
    }
    if (this.#pipelines.has(pipeline)) return this.#accepting.add(pipeline, args, read)
    return this.#pipelines.add(pipeline).then(() => this.#accepting.add(pipeline, args, read))
  }

  async cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'> {
    const answer = readText(await this.#calls.run(cancelScript, pipeline, [encodeName(id)]))
    if (answer === 'cancelled') {
      // It may have held the next one with its order key.
      this.#calls.onWork(pipeline)
      this.#calls.onChange(pipeline)
    }
    return answer === 'cancelled' || answer === 'settled' ? answer : 'unknown'
  }

  async #acceptAll(pipeline: string, args: readonly Argument[]): Promise<readonly AcceptedGroup[]> {
    const call = createCallName()
    const accept = () => this.#runAccept(pipeline, call, args)
    let answer = await accept()
    if (isUnlisted(answer)) {
      await this.#pipelines.listAgain(pipeline)
      answer = await accept()
    }
    this.#pipelines.accepted(pipeline)
    const groups = readAcceptedGroups(answer)
    if (groups.some(({ words }) => words.includes('accepted'))) this.#calls.onWork(pipeline)
    return groups
  }

  #runAccept(pipeline: string, call: string, args: readonly Argument[]): Promise<unknown> {
    const listed = this.#pipelines.isFresh(pipeline) ? 'l' : ''
    if (this.#confirmed?.asks(pipeline)) return this.#confirmed.run(pipeline, call, [`${listed}c`, ...args])
    return this.#calls.runClaiming(acceptScript, pipeline, [call, listed, ...args], [call])
  }

  /** A request whose caller does not claim it was claimed until it was confirmed. */
  async #giveFree(answers: readonly Accepted[]): Promise<readonly Accepted[]> {
    const held = answers.flatMap(answer => (answer.kind === 'accepted' && answer.claimed ? [answer.claimed] : []))
    // One that cannot be given back is free when its lease ends; it is accepted in any case.
    await Promise.all(held.map(claim => this.#work.release(claim, { delayMs: 0, spent: false }).catch(() => false)))
    return answers.map(answer => (answer.kind === 'accepted' ? { ...answer, claimed: undefined } : answer))
  }
}
