import { AttemptCounts } from '../../src/flow/traffic/attempt-counts.ts'
import { LocalTurns } from '../../src/flow/traffic/turns.ts'
import { createReplies } from '../../src/delivery/cached.ts'
import type { Deliver, Delivered } from '../../src/delivery/deliver.ts'
import { SluiceError, type ErrorCode, type ErrorFacts } from '../../src/errors.ts'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import type { CloudEvent } from '../../src/event/event.ts'
import { callCountOf } from '../../src/flow/call-count-of.ts'
import { EndSwitch } from '../../src/flow/end-switch.ts'
import type { BranchEnd, Mark, Marks } from '../../src/flow/mark.ts'
import { rootPath } from '../../src/pipeline/paths.ts'
import type { Request } from '../../src/flow/request.ts'
import { createRun, type RunOutcome } from '../../src/flow/run.ts'
import type { RunDeps } from '../../src/flow/run-deps.ts'
import type { Destination } from '../../src/pipeline/destination.ts'
import { noopSpan } from '../../src/telemetry/tracing.ts'
import { aPlan, type PlanParts } from '../helpers/a-plan.ts'
import { anEvent } from '../helpers/events.ts'
import { silentLog } from '../helpers/silent-log.ts'

/** A destination answers a call with JSON data, silence, a failure, or the end of the request. */
export type FakeAnswer =
  | { readonly reply: unknown }
  | { readonly fails: ErrorCode; readonly facts?: ErrorFacts }
  | 'empty'
  | 'cancelled'
  | { readonly throws: string }

interface PlaceParts {
  readonly next: string
  readonly data: unknown
  readonly replies?: Readonly<Record<string, unknown>>
  readonly ended?: BranchEnd
}

export interface FlowParts extends PlanParts {
  /** By the last segment of the destination's URL; who is not named replies with its own name. */
  readonly answers?: Readonly<Record<string, FakeAnswer>>
  /** Where the request stands; else at the first step. */
  readonly from?: PlaceParts
  /** Where sequences inside stand, by their paths. */
  readonly fromInside?: Readonly<Record<string, PlaceParts>>
  /** False: the request lives in memory. */
  readonly stored?: boolean
  /** Whether the ledger takes the checkpoint; a name: not the one before that step. */
  readonly lostBefore?: string
  /** Gets the fields of lines in the log. */
  readonly lines?: Record<string, unknown>[]
  /** So many requests, one after the other; the outcome is that of the last. */
  readonly times?: number
}

export interface FlowRun {
  /** The events in their order: `call NAME DATA`, `write NEXT DATA`, `step NAME OUTCOME`, `sink NAME DATA`. */
  readonly log: readonly string[]
  readonly outcome: RunOutcome
  /** The most octets that its events took at once, and what they take at its end. */
  readonly octets: { readonly peak: number; readonly left: number }
}

/** Runs a request through a plan whose destinations are fakes, and tells what happened in which order. */
export async function runFlow({
  answers = {},
  from,
  fromInside = {},
  stored = true,
  lostBefore,
  lines = [],
  times = 1,
  ...parts
}: FlowParts): Promise<FlowRun> {
  const plan = aPlan(parts)
  const log: string[] = []
  const info = (fields: object): void => void lines.push({ ...fields })
  const run = createRun(plan, { ...fakeDeps(log, answers), log: { ...silentLog, info } })
  const original = anEvent({ id: 'e', data: '"in"' })
  const memory = new BodyMemory(Infinity)
  const share = new BodyShare(memory)
  share.add(original.data?.length ?? 0)
  const places = { ...fromInside, ...(from !== undefined && { [rootPath]: from }) }
  const marks: Marks = new Map(Object.entries(places).map(([path, place]) => [path, markOf(place)]))
  const newRequest = (): Request => ({
    id: 'r',
    original,
    signal: new EndSwitch(),
    deadline: Infinity,
    headers: [],
    span: noopSpan,
    calls: callCountOf(plan),
    visits: [],
    share,
    follower: undefined,
    stream: undefined,
    tags: undefined,
    journal: stored
      ? {
          begins: () => {},
          holds: () => {},
          calling: () => ({ [Symbol.dispose]: () => {} }),
          replies: () => undefined,
          checkpoint: (path, { next, event, replies, ended }) => {
            const kept = [...replies].map(([name, reply]) => ` ${name}=${textOf(reply)}`).join('')
            log.push(`write ${path === rootPath ? '' : `${path}: `}${ended?.kind ?? next} ${textOf(event)}${kept}`)
            return Promise.resolve(next !== lostBefore)
          }
        }
      : undefined
  })
  for (let i = 1; i < times; i++) await run(newRequest(), marks)
  const outcome = await run(newRequest(), marks)
  const peak = memory.takePeak()
  share.release()
  return { log, outcome, octets: { peak, left: memory.used } }
}

const markOf = ({ next, data, replies = {}, ended }: PlaceParts): Mark => ({
  next,
  event: anEvent({ id: 'e', data: JSON.stringify(data) }),
  replies: new Map(Object.entries(replies).map(([name, reply]) => [name, anEvent({ data: JSON.stringify(reply) })])),
  ended
})

/** The outcome in a line: `replied DATA`, `filtered STEP`, `failed CODE at STEP with DATA after N`, `cancelled`. */
export function told(outcome: RunOutcome): string {
  switch (outcome.kind) {
    case 'replied':
      return `replied ${textOf(outcome.event)}`
    case 'filtered':
      return `filtered ${outcome.step}`
    case 'failed': {
      const { error, marks } = outcome
      const at = [...marks].map(([path, { next, event }]) => `${path && `${path}: `}${next} with ${textOf(event)}`)
      return `failed ${error.code} at ${at.join(', ')} after ${error.facts.attempts}`
    }
    case 'cancelled':
      return 'cancelled'
  }
}

/** The data, without the quotes of a JSON text. */
const textOf = ({ data }: CloudEvent): string =>
  Buffer.from(data ?? '')
    .toString()
    .replace(/^"(.*)"$/, '$1')

function fakeDeps(log: string[], answers: Readonly<Record<string, FakeAnswer>>): RunDeps {
  return {
    deliverTo: (destination): Deliver => {
      const name = nameOf(destination)
      return async (event, call) => {
        call.attempts.count += 1
        log.push(`call ${name} ${textOf(event)}`)
        return deliveredOf(answers[name] ?? { reply: name }, event)
      }
    },
    turns: new LocalTurns(),
    attempts: new AttemptCounts(),
    memory: new BodyMemory(Infinity),
    urlOf: destination => (destination.kind === 'url' ? destination.url : undefined),
    metrics: {
      started: () => {},
      ended: () => {},
      ran: () => {},
      cancelled: () => {},
      stepFinished: (step, outcome) => void log.push(`step ${step} ${outcome}`),
      attempt: () => {},
      hedged: () => {},
      cacheHit: () => {},
      entryAttempt: () => {},
      mirrored: () => {}
    },
    replies: createReplies(),
    deadLetters: {
      send: async (deliver, event, left) => {
        log.push(
          `sink ${left.step} ${event.attributes.get('knativeerrordata') === undefined ? 'without' : 'with'} a cause`
        )
        await deliver(event, { ...left, ...aCall(), original: event })
      },
      [Symbol.asyncDispose]: () => Promise.resolve()
    },
    log: silentLog
  }
}

const aCall = () => ({
  signal: new EndSwitch(),
  deadline: Infinity,
  maxHoldMs: Infinity,
  headers: [],
  span: noopSpan,
  attempts: { count: 0, heldSince: undefined },
  calls: undefined,
  stream: undefined
})

const nameOf = (destination: Destination): string =>
  destination.kind === 'url' ? (new URL(destination.url).pathname.split('/').at(-1) ?? '') : destination.kind

function deliveredOf(answer: FakeAnswer, event: CloudEvent): Delivered {
  if (answer === 'empty' || answer === 'cancelled') return { kind: answer }
  if ('throws' in answer) throw new Error(answer.throws)
  if ('fails' in answer) {
    return { kind: 'failed', error: new SluiceError(answer.fails, 'it failed', { facts: answer.facts ?? {} }) }
  }
  return { kind: 'reply', event: { attributes: event.attributes, data: Buffer.from(JSON.stringify(answer.reply)) } }
}
