import { compileBreaker } from './compile-breaker.ts'
import { compileDelivery, defaultDelivery } from './compile-delivery.ts'
import { compileDestination } from './compile-destination.ts'
import { compileLimits } from './compile-limits.ts'
import { compileRequests } from './compile-requests.ts'
import type { Condition } from './condition.ts'
import { compileSteps, type StepScope } from './compile-step.ts'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { DestinationSpec } from './spec/destination-spec.ts'
import { nodesOf } from './nodes-of.ts'
import {
  replyName,
  type Node,
  type Delivery,
  type Destination,
  type Input,
  type Plan,
  type ReplyNode,
  type Step
} from './plan.ts'
import { stepNames } from './spec/step-name.ts'
import type { ServingPipeline } from './spec/serving-pipeline.ts'

export interface CompileOptions {
  /** The folder that relative working directories of processes start from. */
  readonly baseDir: string
  /** `name`, `namespace/name` or `Kind/namespace/name` of a ref to its URL. */
  readonly resolve: ReadonlyMap<string, string>
}

/** A valid definition as a plan: defaults filled in, refs resolved. Plans share what they have in common. */
export function compile({ metadata, spec }: ServingPipeline, { baseDir, resolve }: CompileOptions): Plan {
  const { name, namespace = defaults.namespace } = metadata
  const pipeline = `${namespace}/${name}`
  const delivery = compileDelivery(spec.delivery, defaultDelivery, { namespace, resolve })
  const names = stepNames(spec.steps)
  const scope = { namespace, resolve, pipeline, baseDir, delivery, names, path: '' }
  const steps = compileSteps(spec.steps, scope)
  const reply = spec.reply && compileReply(spec.reply, scope)
  const flow = reply === undefined ? steps : [...steps, reply]
  return {
    pipeline,
    namespace,
    name,
    source: `/${pipeline}`,
    definition: { spec, baseDir },
    flow,
    keepsReplies: nodesOf(flow).some(asksForReplies),
    deadlineMs: durationMs(spec.deadline ?? defaults.deadline),
    storedDeadlineMs: spec.deadline === undefined ? Infinity : durationMs(spec.deadline),
    requests: compileRequests(spec.requests),
    ordering: spec.ordering ?? 'none',
    reply,
    limits: compileLimits(spec.limits),
    propagate: compilePropagate(spec.headers?.propagate),
    tellsUpstream: (spec.errors?.upstream ?? defaults.errors.upstream) === 'body',
    unresolved: unresolvedIn(nodesOf(flow).toArray().flatMap(destinationsOf))
  }
}

const none: readonly string[] = []

const compilePropagate = (names: readonly string[] | undefined): readonly string[] =>
  names === undefined ? none : [...new Set(names.map(name => name.toLowerCase()))]

function unresolvedIn(destinations: readonly Destination[]): readonly string[] {
  const refs = destinations.flatMap(destination => (destination.kind === 'unresolved' ? [destination.ref] : []))
  return refs.length === 0 ? none : [...new Set(refs)]
}

const compileReply = (spec: DestinationSpec, scope: StepScope): ReplyNode => ({
  kind: 'reply',
  name: replyName,
  path: replyName,
  destination: compileDestination(spec, scope),
  delivery: scope.delivery,
  breaker: compileBreaker(undefined)
})

function asksForReplies(node: Node): boolean {
  if (node.kind === 'reply') return false
  return readersOf(node).some(read => typeof read === 'object' && 'source' in read && read.source.includes('$steps'))
}

/** What reads the event that a step gets. */
const readersOf = (step: Step): readonly (Condition | Input | undefined)[] => [
  step.when,
  step.kind === 'transform' ? step.transform : step.input,
  ...(step.kind === 'split' ? [step.key] : []),
  ...('bodies' in step ? step.bodies.map(({ when }) => when) : [])
]

function destinationsOf(node: Node): Destination[] {
  return [
    ...('destination' in node ? [node.destination] : []),
    ...sinkOf(node.delivery),
    ...(node.kind !== 'reply' && node.onFailure.kind === 'destination' ? [node.onFailure.destination] : [])
  ]
}

const sinkOf = ({ deadLetterSink }: Delivery): Destination[] => (deadLetterSink === undefined ? [] : [deadLetterSink])
