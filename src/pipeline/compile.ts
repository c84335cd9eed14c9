import { isAwaited } from './canary-ref.ts'
import { compileAccess } from './compile-access.ts'
import { compileBreaker } from './compile-breaker.ts'
import { compileContract } from './compile-contract.ts'
import { compileDelivery, defaultDelivery } from './compile-delivery.ts'
import { compileDestination } from './compile-destination.ts'
import type { Resolve } from './compile-scope.ts'
import { compileLimits } from './compile-limits.ts'
import { compileRequests } from './compile-requests.ts'
import type { Condition } from './condition.ts'
import type { FindNested, StepScope } from './compile-body.ts'
import { compileSinks } from './compile-sinks.ts'
import { compileSources } from './compile-sources.ts'
import { compileSteps } from './compile-step.ts'
import { nestedIn } from './nesting.ts'
import { NotedAddresses } from './noted-addresses.ts'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { Environment } from './environment.ts'
import { fillSpec } from './filled-texts.ts'
import type { DestinationSpec } from './spec/destination-spec.ts'
import { mostCalls } from './most-calls.ts'
import { destinationsOf, type Called } from './destinations-of.ts'
import { nodesOf } from './nodes-of.ts'
import { audiencesIn, headersIn } from './destination-uses.ts'
import { replyName, type Input, type Node, type ReplyNode, type Step } from './node.ts'
import type { Plan } from './plan.ts'
import { stepNames } from './spec/step-name.ts'
import type { ServingPipeline } from './spec/serving-pipeline.ts'

export interface CompileOptions {
  /** The folder that relative working directories of processes start from. */
  readonly baseDir: string
  /** By its reference key, `name`, `namespace/name` or `Kind/namespace/name`: the URL of a ref. */
  readonly resolve: Resolve
  /** The variables behind `${NAME}`; `undefined`: it is text. */
  readonly environment?: Environment | undefined
  /** Other pipelines, which this one may nest; without it, it nests none. */
  readonly find?: FindNested
}

/** A valid definition as a plan: defaults filled in, refs resolved. Plans share what they have in common. */
export function compile(
  { kind, metadata, spec: written }: ServingPipeline,
  { baseDir, resolve: all, environment, find = () => undefined }: CompileOptions
): Plan {
  const { name, namespace = defaults.namespace } = metadata
  const pipeline = `${namespace}/${name}`
  const spec = environment === undefined ? written : fillSpec(written, environment)
  const resolve = new NotedAddresses(all)
  const places = { namespace, resolve, baseDir, environment }
  const delivery = compileDelivery(spec.delivery, defaultDelivery, places)
  const names = stepNames(spec.steps)
  const scope = { ...places, pipeline, delivery, scale: spec.scale, names, path: '', find, around: [pipeline] }
  const nested = nestedIn(written, namespace, find)
  const steps = compileSteps(spec.steps, scope)
  const reply = spec.reply && compileReply(spec.reply, scope)
  const limits = compileLimits(spec.limits)
  const sinks = spec.sinks && compileSinks(spec.sinks, scope)
  const flow = [...steps, ...(sinks === undefined ? [] : [sinks]), ...(reply === undefined ? [] : [reply])]
  const destinations = nodesOf(flow).toArray().flatMap(destinationsOf)
  return {
    pipeline,
    namespace,
    name,
    source: `/${pipeline}`,
    serves: kind === 'ServingPipeline',
    sources: compileSources(spec.sources, pipeline),
    definition: {
      ...(kind === 'Pipeline' && { kind }),
      spec: written,
      baseDir,
      ...(nested !== undefined && { nested })
    },
    flow,
    keepsReplies: nodesOf(flow).some(asksForReplies),
    deadlineMs: durationMs(spec.deadline ?? defaults.deadline),
    storedDeadlineMs: spec.deadline === undefined ? Infinity : durationMs(spec.deadline),
    requests: compileRequests(spec.requests),
    ordering: spec.ordering ?? 'none',
    reply,
    limits,
    countsCalls: mostCalls(nodesOf(flow)) * limits.maxDeliveries > limits.maxCalls,
    propagate: compilePropagate(spec.headers?.propagate),
    tellsUpstream: (spec.errors?.upstream ?? defaults.errors.upstream) === 'body',
    addresses: resolve.found,
    unresolved: unresolvedIn(destinations, nodesOf(flow).toArray()),
    contract: compileContract(spec.contract),
    access: compileAccess(spec.access),
    headers: headersIn(destinations),
    audiences: audiencesIn(destinations)
  }
}

const none: readonly string[] = []

const compilePropagate = (names: readonly string[] | undefined): readonly string[] =>
  names === undefined ? none : [...new Set(names.map(name => name.toLowerCase()))]

/** References that the pipeline needs to serve, and pipelines that are nested and not known. */
function unresolvedIn(called: readonly Called[], nodes: readonly Node[]): readonly string[] {
  const refs = called.flatMap(({ destination }) =>
    destination.kind === 'unresolved' && !isAwaited(destination) ? [destination.ref] : []
  )
  const nested = nodes.flatMap(node =>
    node.kind === 'pipeline' && node.bodies.length === 0 ? [`pipeline ${node.pipeline}`] : []
  )
  return refs.length + nested.length === 0 ? none : [...new Set([...refs, ...nested])]
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

/** The expressions that read the event which a step gets. */
const readersOf = (step: Step): readonly (Condition | Input | undefined)[] => [
  step.when,
  step.kind === 'transform' ? step.transform : step.input,
  ...(step.kind === 'split' ? [step.key] : []),
  ...(step.kind === 'call' ? [step.cache?.key] : []),
  ...('bodies' in step ? step.bodies.map(({ when }) => when) : [])
]
