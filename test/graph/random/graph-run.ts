import { setImmediate as turn } from 'node:timers/promises'
import { createReplies } from '../../../src/delivery/cached.ts'
import type { Deliver } from '../../../src/delivery/deliver.ts'
import { replyEvent } from '../../../src/delivery/reply-event.ts'
import { SluiceError } from '../../../src/errors.ts'
import { BodyMemory, BodyShare } from '../../../src/event/body-memory.ts'
import { Admission } from '../../../src/flow/admission.ts'
import { EndSwitch } from '../../../src/flow/end-switch.ts'
import type { RunningCall } from '../../../src/flow/request.ts'
import { Serving } from '../../../src/flow/serving.ts'
import { AttemptCounts } from '../../../src/flow/traffic/attempt-counts.ts'
import { LocalTurns } from '../../../src/flow/traffic/turns.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { RequestRecord } from '../../../src/ledger/record/request-record.ts'
import type { Checkpoint, Claimed } from '../../../src/ledger/work.ts'
import { Buffers } from '../../../src/mover/buffers.ts'
import { carryOut } from '../../../src/mover/carry-out.ts'
import type { InFlightRequest } from '../../../src/mover/in-flight-request.ts'
import { LanePlace } from '../../../src/mover/lane-place.ts'
import { StepWatch } from '../../../src/mover/step-watch.ts'
import { nodesOf, sequenceAt } from '../../../src/pipeline/nodes-of.ts'
import type { Plan } from '../../../src/pipeline/plan.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { noopTracer } from '../../../src/telemetry/tracing.ts'
import { anEvent } from '../../helpers/events.ts'
import { aRequest, readRecord } from '../../helpers/ledger-requests.ts'
import { silentLog } from '../../helpers/silent-log.ts'
import type { Answer } from './graph.ts'
import { replyTo } from './interpreter.ts'

/** When a delivery of the request dies: before a write, when it is done, or as a call begins; the n-th, from 0. */
export interface Kill {
  readonly at: 'before a write' | 'after a write' | 'in a call'
  readonly nth: number
}

export interface GraphRun {
  readonly record: RequestRecord
  /** `NAME INPUT` of each call, in order. */
  readonly calls: readonly string[]
  /** Calls of steps of which the ledger knew that they had ended. */
  readonly calledAgain: readonly string[]
  readonly deliveries: number
}

/** Runs one stored request through the plan, one delivery after the other until one of them is not killed. */
export async function runGraph(
  plan: Plan,
  answers: ReadonlyMap<string, Answer>,
  kills: readonly Kill[],
  data: string,
  ledger: Ledger
): Promise<GraphRun> {
  const world = new World(plan, answers, ledger)
  const { pipeline } = plan
  const request = aRequest({ pipeline, event: anEvent({ data, datacontenttype: 'application/json' }) })
  await ledger.accept([request])
  for (let delivery = 0; ; delivery++) {
    const [claimed] = await ledger.claim(pipeline, 1, { owner: 'a', leaseMs: 0 })
    if (claimed === undefined) throw new Error('the request cannot be claimed')
    await world.deliver(claimed, kills[delivery])
    const record = await readRecord(ledger, request)
    if (record.finishedAt === undefined) continue
    return { record, calls: world.calls, calledAgain: world.calledAgain, deliveries: delivery + 1 }
  }
}

const never = new Promise<never>(() => {})

class World {
  readonly calls: string[] = []
  readonly calledAgain: string[] = []
  readonly #plan: Plan
  readonly #answers: ReadonlyMap<string, Answer>
  readonly #ledger: Ledger
  /** Paths of the steps of which the ledger knows that they have ended. */
  readonly #ended = new Set<string>()

  constructor(plan: Plan, answers: ReadonlyMap<string, Answer>, ledger: Ledger) {
    this.#plan = plan
    this.#answers = answers
    this.#ledger = ledger
  }

  async deliver(claimed: Claimed, kill: Kill | undefined): Promise<void> {
    const life = new Life(kill)
    using metrics = createMetrics({
      breakers: () => [],
      waitingCalls: () => [],
      heldCalls: () => [],
      serviceCalls: () => [],
      retryBudgets: () => []
    })
    const serving = new Serving(this.#plan, 1, new Admission(this.#plan.pipeline), {
      deliverTo: (destination, { identify, headers }): Deliver => {
        const name = destination.kind === 'url' ? new URL(destination.url).pathname.slice(1) : ''
        const path = headers[headers.indexOf('sluice-step') + 1] ?? ''
        return async (event, call) => {
          const input = Buffer.from(event.data ?? '').toString()
          if (life.isOver) return never
          call.attempts.count++
          this.calls.push(`${name} ${input}`)
          if (this.#ended.has(path)) this.calledAgain.push(path)
          if (life.passes('in a call')) return never
          for (let i = 0; i <= (name.length * 7 + this.calls.length) % 3; i++) await turn()
          if (life.isOver) return never
          if (call.signal.aborted) return { kind: 'cancelled' }
          const answer = this.#answers.get(name)
          if (answer === 'empty') return { kind: 'empty' }
          if (answer === 'fail') return { kind: 'failed', error: new SluiceError('STEP_REJECTED', 'it is wrong') }
          const reply = Buffer.from(replyTo(name, input))
          return { kind: 'reply', event: replyEvent(event, identify(call), 'application/json', reply) }
        }
      },
      turns: new LocalTurns(),
      attempts: new AttemptCounts(),
      memory: new BodyMemory(Infinity),
      urlOf: destination => (destination.kind === 'url' ? destination.url : undefined),
      replies: createReplies(),
      deadLetters: { send: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() },
      missingHeaders: () => [],
      metrics,
      log: silentLog
    })
    const deps = { ledger: this.#writing(life), tracer: noopTracer, log: silentLog, metrics }
    const running = carryOut(entryOf(claimed), serving, deps, () => true)
    await Promise.race([running, life.over])
  }

  /** The ledger, whose writes the life may end at. */
  #writing(life: Life): Ledger {
    const { promise: dead } = Promise.withResolvers<never>()
    const write = async <T>(does: () => Promise<T>): Promise<T> => {
      if (life.isOver || life.passes('before a write')) return dead
      const done = await does()
      return life.isOver || life.passes('after a write') ? dead : done
    }
    const ledger = this.#ledger
    return {
      ...ledger,
      checkpoint: (claim, checkpoint) =>
        write(async () => {
          const taken = await ledger.checkpoint(claim, checkpoint)
          if (taken) this.#learn(checkpoint)
          return taken
        }),
      settle: (claim, settlement) => write(() => ledger.settle(claim, settlement)),
      release: (claim, release) => write(() => ledger.release(claim, release)),
      [Symbol.asyncDispose]: () => Promise.resolve()
    }
  }

  /** All steps of the sequence before the one that is next have ended, with what is inside them. */
  #learn({ path, mark: { next, ended } }: Checkpoint): void {
    const sequence = sequenceAt(this.#plan.flow, path) ?? []
    const upTo = ended === undefined ? sequence.findIndex(({ name }) => name === next) : sequence.length
    for (const node of nodesOf(sequence.slice(0, upTo))) this.#ended.add(node.path)
  }
}

/** The life of one delivery. */
class Life {
  readonly #kill: Kill | undefined
  readonly #over = Promise.withResolvers<void>()
  #left: number
  isOver = false

  constructor(kill: Kill | undefined) {
    this.#kill = kill
    this.#left = kill?.nth ?? 0
  }

  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Whether the life ends here. */
  passes(place: Kill['at']): boolean {
    if (this.#kill?.at !== place || this.#left-- > 0) return false
    this.isOver = true
    this.#over.resolve()
    return true
  }
}

function entryOf(claimed: Claimed): InFlightRequest {
  const calls = new Set<RunningCall>()
  const visits: never[] = []
  return {
    claimed,
    place: new LanePlace(new Buffers(() => 1), () => {}),
    startedAt: Date.now(),
    step: undefined,
    calls,
    watch: new StepWatch(visits, calls),
    stream: undefined,
    visits,
    share: new BodyShare(new BodyMemory(Infinity)),
    stop: new EndSwitch(),
    index: -1
  }
}
