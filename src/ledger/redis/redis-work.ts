import type { Pending } from '../gauges.ts'
import { encodeNote, type Note } from '../record/note.ts'
import { encodeMark, encodeSettlement } from '../record/record-codec.ts'
import type { Settlement } from '../record/settlement.ts'
import type { Checkpoint, Claim, Claimed, Lease, Release } from '../work.ts'
import type { ConfirmedAcceptance } from './confirmed-acceptance.ts'
import { GroupedCalls } from './grouped-calls.ts'
import { encodeName } from './key-name.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import { longestMs } from './longest.ts'
import { createCallName } from './lost-calls.ts'
import { readClaimed } from './read-claimed.ts'
import { readList, readNumber, readText } from './read-reply.ts'
import type { RedisCalls } from './redis-calls.ts'
import type { Argument } from './redis-connection.ts'
import { checkpointScript } from './scripts/checkpoint.ts'
import { claimScript } from './scripts/claim.ts'
import { claimableScript } from './scripts/claimable.ts'
import { claimTheseScript } from './scripts/claim-these.ts'
import { pendingScript } from './scripts/pending.ts'
import { releaseScript } from './scripts/release.ts'
import { renewScript } from './scripts/renew.ts'
import type { Script } from './scripts/script.ts'
import { settleScript } from './scripts/settle.ts'
import { tellScript } from './scripts/tell.ts'

export interface RedisWorkDeps {
  readonly calls: RedisCalls
  readonly pipelines: KnownPipelines
  /** Where replicas have to confirm what is accepted. */
  readonly confirmed: Pick<ConfirmedAcceptance, 'takeBack'> | undefined
}

/** How requests that wait are run, from their claim to their end, and how many there are: each change is one script. */
export class RedisWork {
  readonly #calls: RedisCalls
  readonly #pipelines: KnownPipelines
  readonly #confirmed: Pick<ConfirmedAcceptance, 'takeBack'> | undefined
  readonly #settling: GroupedCalls<boolean>

  constructor({ calls, pipelines, confirmed }: RedisWorkDeps) {
    this.#calls = calls
    this.#pipelines = pipelines
    this.#confirmed = confirmed
    // For a settlement only those wait who stay until the end, so the fewer runs the better.
    this.#settling = new GroupedCalls(calls.connection, (pipeline, args) => this.#settleAll(pipeline, args), Infinity)
  }

  async claim(pipeline: string, limit: number, { leaseMs }: Lease): Promise<readonly Claimed[]> {
    if (this.#confirmed !== undefined) await this.#confirmed.takeBack(pipeline)
    const lost = this.#calls.lost.take(pipeline)
    const call = createCallName()
    const args = [limit, leaseMs, call, ...lost]
    const claimed = readClaimed(pipeline, await this.#calls.runClaiming(claimScript, pipeline, args, [call, ...lost]))
    if (claimed.length > 0) this.#calls.onChange(pipeline)
    return claimed
  }

  async claimThese(pipeline: string, ids: readonly string[], { leaseMs }: Lease): Promise<readonly Claimed[]> {
    const call = createCallName()
    const args = [leaseMs, call, ...ids.map(encodeName)]
    return readClaimed(pipeline, await this.#calls.runClaiming(claimTheseScript, pipeline, args, [call]))
  }

  async renew(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const byPipeline = Map.groupBy(claims, ({ pipeline }) => pipeline)
    const lost = await Promise.all([...byPipeline].map(([pipeline, held]) => this.#renewIn(pipeline, held, leaseMs)))
    return lost.flat()
  }

  async checkpoint(claim: Claim, { path, mark, clears }: Checkpoint): Promise<boolean> {
    const held = (await this.#runHeld(checkpointScript, claim, [path, Number(clears), encodeMark(mark)])) === 1
    this.#calls.onChange(claim.pipeline)
    return held
  }

  settle({ pipeline, id, token }: Claim, settlement: Settlement): Promise<boolean> {
    const failure = settlement.status === 'failed' ? settlement.failure : undefined
    const head = `${encodeName(id)} ${token} ${settlement.status} ${failure?.code ?? ''} ${failure?.step ?? ''}`
    return this.#settling.add(pipeline, [head, encodeSettlement(settlement, id)], asItIs)
  }

  async tell(claim: Claim, note: Note): Promise<boolean> {
    return (await this.#runHeld(tellScript, claim, [encodeNote(note, claim.token) ?? ''])) === 1
  }

  async release(claim: Claim, { delayMs, spent, note }: Release): Promise<boolean> {
    const told = (note && encodeNote(note, claim.token)) ?? ''
    const args = [Math.min(delayMs, longestMs), Number(spent), told]
    const released = (await this.#runHeld(releaseScript, claim, args)) === 1
    if (released && delayMs === 0) this.#calls.onWork(claim.pipeline)
    this.#calls.onChange(claim.pipeline)
    return released
  }

  async claimable(): Promise<readonly string[]> {
    const found = await this.#pipelines.each(async pipeline => {
      const claimable = readNumber(await this.#calls.run(claimableScript, pipeline, [])) === 1
      return claimable ? [pipeline] : []
    })
    return [...new Set([...found.flat(), ...this.#calls.lost.pipelines])]
  }

  async pending(pipeline: string): Promise<Pending> {
    const [queued = 0, claimed = 0, oldest = -1, least = -1] = readList(
      await this.#calls.run(pendingScript, pipeline, [])
    ).map(readNumber)
    return {
      queued,
      claimed,
      oldestAcceptedAt: oldest === -1 ? undefined : oldest,
      leastEventTime: oldest === -1 ? undefined : least
    }
  }

  async #settleAll(pipeline: string, args: readonly Argument[]): Promise<readonly boolean[]> {
    const digits = readText(await this.#calls.run(settleScript, pipeline, args))
    if (digits.includes('2')) this.#calls.onWork(pipeline)
    this.#calls.onChange(pipeline)
    return Array.from(digits, digit => digit !== '0')
  }

  async #renewIn(pipeline: string, claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const args = claims.flatMap(({ id, token }) => [encodeName(id), token])
    const lost = new Set(readList(await this.#calls.run(renewScript, pipeline, [leaseMs, ...args])).map(readNumber))
    return claims.filter((_, i) => lost.has(i + 1))
  }

  async #runHeld(script: Script, { pipeline, id, token }: Claim, args: readonly Argument[]): Promise<number> {
    return readNumber(await this.#calls.run(script, pipeline, [encodeName(id), token, ...args]))
  }
}

const asItIs = (held: boolean): boolean => held
