import type { Call, Delivered } from '../delivery/deliver.ts'
import { replyEvent } from '../delivery/reply-event.ts'
import { shownUrl } from '../delivery/shown-url.ts'
import type { ErrorCode, SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { Step } from '../pipeline/node.ts'
import type { Fallback, OnFailure } from '../pipeline/on-failure.ts'
import type { Plan } from '../pipeline/plan.ts'
import { contractError } from './check-contract.ts'
import { destinationOptions } from './destination-options.ts'
import { emptied } from './on-empty.ts'
import type { Request, RunningCall, StepPlace } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import { around, cancelled, failedAt, runSafely, type StagePolicy, type StageResult } from './stage.ts'
import { callsOf, deliverSeen } from './step-call.ts'

/** Nothing helps a request whose time or whose calls are over, and a defect of ours is not hidden. */
const beyondHelp: ReadonlySet<ErrorCode> = new Set(['DEADLINE_EXCEEDED', 'CALL_LIMIT', 'INTERNAL'])

const isBeyondHelp = ({ code, facts }: SluiceError): boolean => beyondHelp.has(code) || facts.begun === true

/** `onFailure`: what stands in for a step that failed, whatever failed of it. */
export function onFailure(plan: Plan, step: Step, deps: RunDeps): StagePolicy {
  const { onFailure: means, name, path } = step
  if (means.kind === 'fail') return next => next
  const createCall = callsOf(plan, step)
  const remedy = createRemedy(means, plan, step, deps)
  return next =>
    around(next, async (event, request, surroundings) => {
      const report = await runSafely(next, event, request, surroundings)
      const { result, attempts } = report
      if (result.kind !== 'failed' || isBeyondHelp(result.error)) return report
      const remedied = await remedy(
        result,
        event,
        { call: createCall(request), step: { name, path }, attempts },
        request
      )
      if (remedied.kind === 'failed' || remedied.kind === 'cancelled') return { result: remedied, attempts }
      const error = result.error.facts.path === undefined ? result.error.with({ attempts }) : result.error
      return { result: remedied, attempts, forgiven: [error] }
    })
}

type Failure = Extract<StageResult, { kind: 'failed' }>

/** The calls of fallbacks, and how they are seen: in place of the step, after its own attempts. */
interface Standing {
  readonly call: Call
  readonly step: StepPlace
  readonly attempts: number
}

/** `current` is the event before `input:` changed it. */
type Remedy = (failure: Failure, current: CloudEvent, standing: Standing, request: Request) => Promise<StageResult>

function createRemedy(means: Exclude<OnFailure, { kind: 'fail' }>, plan: Plan, step: Step, deps: RunDeps): Remedy {
  if (means.kind === 'continue') return async (_failure, current) => ({ kind: 'passed', event: current })
  const attempts = means.fallbacks.map(fallback => ({
    name: nameOf(fallback, deps),
    attempt: createAttempt(fallback, plan, step, deps)
  }))
  return async (failure, current, standing, request) => {
    const failed: string[] = []
    for (const { name, attempt } of attempts) {
      const result = await attempt(failure.input, current, standing, request)
      if (result.kind !== 'failed') return result
      failed.push(`${name()} ${statusOf(result.error)}`)
    }
    return {
      ...failure,
      error: failure.error.said(`${failure.error.message}; its fallbacks failed too: ${failed.join(', ')}`)
    }
  }
}

const statusOf = ({ code, facts: { upstreamStatus } }: SluiceError): string =>
  upstreamStatus === undefined ? `failed (${code})` : `answered ${upstreamStatus}`

/** As it may be shown, at the time of asking: a local process has its URL while it is ready. */
function nameOf(fallback: Fallback, { urlOf }: RunDeps): () => string {
  if (fallback.kind === 'data') return () => 'the data'
  const { destination } = fallback
  return () => shownUrl(urlOf(destination) ?? otherName(destination))
}

const otherName = (destination: Destination): string =>
  destination.kind === 'unresolved' ? destination.ref : 'a local process'

type Attempt = (input: CloudEvent, current: CloudEvent, standing: Standing, request: Request) => Promise<StageResult>

function createAttempt(fallback: Fallback, plan: Plan, step: Step, deps: RunDeps): Attempt {
  const options = destinationOptions(plan, step, deps)
  if (fallback.kind === 'data') {
    const { contentType, data } = fallback
    return async (input, _current, { call }) => ({
      kind: 'replied',
      event: replyEvent(input, options.identify(call), contentType, data)
    })
  }
  const deliver = deps.deliverTo(fallback.destination, { ...options, label: `the fallback of ${options.label}` })
  return (input, current, { call, step: { name, path }, attempts }, request) => {
    const shown = { step: { name, path }, attempts: standingAt(attempts, call.attempts) }
    return deliverSeen(deliver, input, call, shown, request, delivered => resultOf(delivered, step, input, current))
  }
}

/** A call of a fallback is none of the step's attempts, but may wait for a place like one. */
const standingAt = (count: number, calling: Call['attempts']): RunningCall['attempts'] => ({
  count,
  get heldSince() {
    return calling.heldSince
  }
})

function resultOf(delivered: Delivered, step: Step, input: CloudEvent, current: CloudEvent): StageResult {
  switch (delivered.kind) {
    case 'reply': {
      const { event } = delivered
      const error = step.contract && contractError('CONTRACT_OUTPUT', step.contract.output, event)
      return error === undefined ? { kind: 'replied', event } : failedAt(error, input)
    }
    case 'empty':
      return emptied({ name: step.name, onEmpty: step.kind === 'transform' ? 'stop' : step.onEmpty }, input, current)
    case 'failed':
      return failedAt(delivered.error, input)
    case 'cancelled':
      return cancelled
  }
}
