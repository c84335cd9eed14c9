import type { FindNested } from '../../pipeline/compile-body.ts'
import type { WholePipeline } from '../../pipeline/parsed-pipeline.ts'
import type { Resource } from '../client/resource.ts'
import { deployedSteps } from '../deployed-steps.ts'
import type { Addresses } from '../cluster/addresses.ts'
import type { Children } from './children.ts'
import { countsOf } from './counts.ts'
import { canariesOf, deployedOf } from './deployed-states.ts'
import type { Reports } from './gateway-report.ts'
import type { Memory } from './pipeline-memory.ts'
import { leadOf, oneOf, takenBy, type PipelinePair } from './pipeline-pair.ts'
import { inPause, viewOf, type PipelineView } from './pipeline-view.ts'
import type { Refusal } from './refusal.ts'
import type { Scaling } from './scaling.ts'
import { writtenSpec, type PipelineObject, type SeenPipeline } from './seen-pipeline.ts'
import type { StatusFacts } from './pipeline-status.ts'

export interface FactsDeps {
  /** The kind of the pipelines. */
  readonly resource: Resource
  readonly gatewayUrl: string
  readonly scaling: Scaling
  readonly children: Pick<Children, 'stateOf'>
  readonly addresses: Pick<Addresses, 'get' | 'why' | 'settled'>
  /** The definition that a pipeline of another name nests. */
  readonly find: (key: string) => SeenPipeline | undefined
  readonly reports: () => Reports
}

/** The findings of one look at a pipeline. */
export interface Look {
  readonly key: string
  readonly pair: PipelinePair
  readonly memory: Memory
  readonly desiredPhase: 'Running' | 'Paused'
  readonly isDeleting: boolean
  readonly refused: readonly Refusal[]
}

/** A kind that nobody asked for before is listed in this time, or is told as missing. */
const listMs = 2_000

/** Gathers all that the status of a pipeline is made of. */
export async function factsOf(deps: FactsDeps, look: Look): Promise<StatusFacts> {
  const { key, pair, memory, desiredPhase, isDeleting, refused } = look
  const { object, read } = pair.own
  const one = oneOf(pair)
  const good = one?.whole
  const lead = leadOf(pair).object
  const reports = deps.reports()
  const isStopped = desiredPhase === 'Paused' && memory.isDrained
  const view = good && (await settledView(deps, good, isStopped ? servicesOf(lead) : new Set()))
  return {
    desiredPhase,
    isDeleting,
    generation: object.metadata.generation ?? 0,
    before: object.status ?? {},
    faults: [...read.faults, ...(pair.partner?.read.faults ?? []), ...(one?.faults ?? [])],
    taken: takenBy(pair, one),
    isLenderGone: pair.partner === undefined,
    view,
    servesOlder: good === undefined && read.faults.length > 0 && wasReady(object),
    deployed: read.faults.length > 0 ? [] : deployedOf(deps, lead),
    canaries: canariesOf(deps, lead, memory),
    former: memory.former,
    refused: refused.flatMap(({ isConflict, text }) => (isConflict ? [] : [text])),
    isNameTaken: refused.some(({ isNameTaken }) => isNameTaken),
    conflicts: refused.flatMap(({ isConflict, text }) => (isConflict ? [text] : [])),
    counts: countsOf(key, reports),
    silent: memory.drainingSince === undefined ? [] : reports.silent,
    isDrained: memory.isDrained,
    now: new Date().toISOString(),
    // Nobody calls a pipeline without serving.
    url: deps.resource.kind === 'Pipeline' ? undefined : `${deps.gatewayUrl}/${key}`
  }
}

/** `paused`: Services that may be away. */
async function settledView(
  { addresses, find }: FactsDeps,
  good: WholePipeline,
  paused: ReadonlySet<string>
): Promise<PipelineView> {
  const nested: FindNested = key => {
    const spec = find(key)?.read.pipelines[0]?.definition.spec
    // Here no definition lacks its steps.
    return spec?.steps && { spec: { ...spec, steps: spec.steps }, baseDir: '/' }
  }
  const deps = { addresses: inPause(addresses, paused), find: nested }
  const view = viewOf(good, deps)
  if (view.unresolved.length === 0) return view
  await addresses.settled(listMs)
  return viewOf(good, deps)
}

/** Of its deployed steps, `namespace/name`. */
function servicesOf(object: PipelineObject): ReadonlySet<string> {
  const { namespace = 'default', name } = object.metadata
  const spec = writtenSpec(object)
  const steps = spec === undefined ? [] : deployedSteps(name, spec)
  return new Set(steps.map(({ child }) => `${namespace}/${child}`))
}

/** Before this process looked at it, an older generation served: the gateways still have it. */
const wasReady = ({ status }: PipelineObject): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
