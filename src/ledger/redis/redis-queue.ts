import { type Accepted, queueFull } from '../acceptance.ts'
import type { Checkpoint, Claim, Claimed, Lease, Release } from '../work.ts'
import type { NewRequest } from '../record/new-request.ts'
import type { Pending } from '../gauges.ts'
import type { Settlement } from '../record/settlement.ts'
import { encodeMark, encodeSettlement } from '../record/record-codec.ts'
import { encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import type { ConfirmedAcceptance } from './confirmed-acceptance.ts'
import { GroupedCalls } from './grouped-calls.ts'
import { createCallName, LostCalls } from './lost-calls.ts'
import { longestMs } from './longest.ts'
import { isUnlisted, readAccepted, readAcceptedGroups, readQueueFull, type AcceptedGroup } from './read-accepted.ts'
import { readClaimed } from './read-claimed.ts'
import type { Argument, RedisConnection } from './redis-connection.ts'
import { readList, readNumber, readText } from './read-reply.ts'
import { encodeForAcceptance } from './encoded-request.ts'
import { acceptScript } from './scripts/accept.ts'
import { claimScript } from './scripts/claim.ts'
import { claimTheseScript } from './scripts/claim-these.ts'
import { cancelScript } from './scripts/cancel.ts'
import { settleScript } from './scripts/settle.ts'
import { checkpointScript } from './scripts/checkpoint.ts'
import { releaseScript } from './scripts/release.ts'
import { renewScript } from './scripts/renew.ts'
import { claimableScript } from './scripts/claimable.ts'
import { pendingScript } from './scripts/pending.ts'
import type { Script } from './scripts/script.ts'

/**
 * How many calls go to Redis together. Every caller waits for an acceptance, all of one turn often: sent in parts, the
 * first are answered while the turn still reads the last. For a settlement only those wait who stay until the end, so
 * the fewer runs the better.
 */
const maxCalls = { accepted: 16, settled: Infinity }

export interface RedisQueueDeps {
  readonly connection: RedisConnection
  readonly keys: Keys
  readonly pipelines: KnownPipelines
  /** Where replicas have to confirm what is accepted. */
  readonly confirmed: ConfirmedAcceptance | undefined
  /** There may be something to claim. */
  readonly onWork: (pipeline: string) => void
  /** Something of the pipeline has changed. */
  readonly onChange: (pipeline: string) => void
}

/** The way of requests through the ledger: each change is one script. */
export class RedisQueue {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #pipelines: KnownPipelines
  readonly #onWork: (pipeline: string) => void
  readonly #onChange: (pipeline: string) => void
  readonly #confirmed: ConfirmedAcceptance | undefined
  readonly #lost = new LostCalls()
  readonly #accepting: GroupedCalls<AcceptedGroup>
  readonly #settling: GroupedCalls<boolean>

  constructor({ connection, keys, pipelines, confirmed, onWork, onChange }: RedisQueueDeps) {
    this.#connection = connection
    this.#confirmed = confirmed
    this.#keys = keys
    this.#pipelines = pipelines
    this.#onWork = onWork
    this.#onChange = onChange
    this.#accepting = new GroupedCalls(
      confirmed?.connection ?? connection,
      (pipeline, args) => this.#acceptAll(pipeline, args),
      maxCalls.accepted
    )
    this.#settling = new GroupedCalls(connection, (pipeline, args) => this.#settleAll(pipeline, args), maxCalls.settled)
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

  async claim(pipeline: string, limit: number, { leaseMs }: Lease): Promise<readonly Claimed[]> {
    if (this.#confirmed !== undefined) await this.#confirmed.takeBack(pipeline)
    const lost = this.#lost.take(pipeline)
    const call = createCallName()
    const args = [limit, leaseMs, call, ...lost]
    const claimed = readClaimed(pipeline, await this.#runClaiming(claimScript, pipeline, args, [call, ...lost]))
    if (claimed.length > 0) this.#onChange(pipeline)
    return claimed
  }

  async claimThese(pipeline: string, ids: readonly string[], { leaseMs }: Lease): Promise<readonly Claimed[]> {
    const call = createCallName()
    const args = [leaseMs, call, ...ids.map(encodeName)]
    return readClaimed(pipeline, await this.#runClaiming(claimTheseScript, pipeline, args, [call]))
  }

  async renew(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const byPipeline = Map.groupBy(claims, ({ pipeline }) => pipeline)
    const lost = await Promise.all([...byPipeline].map(([pipeline, held]) => this.#renewIn(pipeline, held, leaseMs)))
    return lost.flat()
  }

  async checkpoint(claim: Claim, { path, mark, clears }: Checkpoint): Promise<boolean> {
    const held = (await this.#runHeld(checkpointScript, claim, [path, Number(clears), encodeMark(mark)])) === 1
    this.#onChange(claim.pipeline)
    return held
  }

  settle({ pipeline, id, token }: Claim, settlement: Settlement): Promise<boolean> {
    const failure = settlement.status === 'failed' ? settlement.failure : undefined
    const head = `${encodeName(id)} ${token} ${settlement.status} ${failure?.code ?? ''} ${failure?.step ?? ''}`
    return this.#settling.add(pipeline, [head, encodeSettlement(settlement, id)], asItIs)
  }

  async release(claim: Claim, { delayMs, spent, waiting }: Release): Promise<boolean> {
    const told = waiting === undefined ? '' : JSON.stringify(waiting)
    const args = [Math.min(delayMs, longestMs), Number(spent), told]
    const released = (await this.#runHeld(releaseScript, claim, args)) === 1
    if (released && delayMs === 0) this.#onWork(claim.pipeline)
    this.#onChange(claim.pipeline)
    return released
  }

  async cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'> {
    const answer = readText(await this.#run(cancelScript, pipeline, [encodeName(id)]))
    if (answer === 'cancelled') {
      // It may have held the next one with its order key.
      this.#onWork(pipeline)
      this.#onChange(pipeline)
    }
    return answer === 'cancelled' || answer === 'settled' ? answer : 'unknown'
  }

  async claimable(): Promise<readonly string[]> {
    const found = await this.#pipelines.each(async pipeline => {
      const claimable = readNumber(await this.#run(claimableScript, pipeline, [])) === 1
      return claimable ? [pipeline] : []
    })
    return [...new Set([...found.flat(), ...this.#lost.pipelines])]
  }

  async pending(pipeline: string): Promise<Pending> {
    const [queued = 0, claimed = 0, oldest = -1, least = -1] = readList(
      await this.#run(pendingScript, pipeline, [])
    ).map(readNumber)
    return {
      queued,
      claimed,
      oldestAcceptedAt: oldest === -1 ? undefined : oldest,
      leastEventTime: oldest === -1 ? undefined : least
    }
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
    if (groups.some(({ words }) => words.includes('accepted'))) this.#onWork(pipeline)
    return groups
  }

  #runAccept(pipeline: string, call: string, args: readonly Argument[]): Promise<unknown> {
    const listed = this.#pipelines.isFresh(pipeline) ? 'l' : ''
    if (this.#confirmed?.asks(pipeline)) return this.#confirmed.run(pipeline, call, [`${listed}c`, ...args])
    return this.#runClaiming(acceptScript, pipeline, [call, listed, ...args], [call])
  }

  /** A request whose caller does not claim it was claimed until it was confirmed. */
  async #giveFree(answers: readonly Accepted[]): Promise<readonly Accepted[]> {
    const held = answers.flatMap(answer => (answer.kind === 'accepted' && answer.claimed ? [answer.claimed] : []))
    // One that cannot be given back is free when its lease ends; it is accepted in any case.
    await Promise.all(held.map(claim => this.release(claim, { delayMs: 0, spent: false }).catch(() => false)))
    return answers.map(answer => (answer.kind === 'accepted' ? { ...answer, claimed: undefined } : answer))
  }

  async #settleAll(pipeline: string, args: readonly Argument[]): Promise<readonly boolean[]> {
    const digits = readText(await this.#run(settleScript, pipeline, args))
    if (digits.includes('2')) this.#onWork(pipeline)
    this.#onChange(pipeline)
    return Array.from(digits, digit => digit !== '0')
  }

  async #renewIn(pipeline: string, claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const args = claims.flatMap(({ id, token }) => [encodeName(id), token])
    const lost = new Set(readList(await this.#run(renewScript, pipeline, [leaseMs, ...args])).map(readNumber))
    return claims.filter((_, i) => lost.has(i + 1))
  }

  async #runHeld(script: Script, { pipeline, id, token }: Claim, args: readonly Argument[]): Promise<number> {
    return readNumber(await this.#run(script, pipeline, [encodeName(id), token, ...args]))
  }

  /** `calls`: those that are lost when no answer comes. */
  async #runClaiming(
    script: Script,
    pipeline: string,
    args: readonly Argument[],
    calls: readonly string[]
  ): Promise<unknown> {
    try {
      return await this.#run(script, pipeline, args)
    } catch (error) {
      this.#lost.add(pipeline, calls)
      throw error
    }
  }

  #run(script: Script, pipeline: string, args: readonly Argument[]): Promise<unknown> {
    return this.#connection.run(script, this.#keys.pipeline(pipeline), args)
  }
}

const asItIs = (held: boolean): boolean => held
