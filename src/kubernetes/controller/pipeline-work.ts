import type { FindNested } from '../../pipeline/compile-body.ts'
import { defaults } from '../../pipeline/defaults.ts'
import type { ParsedPipeline } from '../../pipeline/parsed-pipeline.ts'
import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import { deployedSteps } from '../deployed-steps.ts'
import type { Addresses } from '../source/addresses.ts'
import type { Children, Refusal } from './children.ts'
import { countsOf } from './counts.ts'
import { boundsOf, desiredChildren } from './desired-children.ts'
import type { Reports } from './gateways.ts'
import { hold, letGo } from './hold.ts'
import { finalizer } from './manager.ts'
import { viewOf } from './pipeline-view.ts'
import { removeChildren } from './remove-children.ts'
import type { PipelineObject, SeenPipeline } from './seen-pipeline.ts'
import { firstWriting, StatusWriter, type StatusWriterDeps, type Writing } from './status-writer.ts'
import { statusOf, type DeployedState, type PipelineStatus } from './status-of.ts'

export interface PipelineWorkDeps extends StatusWriterDeps {
  readonly gatewayUrl: string
  readonly knative: boolean
  readonly children: Children
  readonly addresses: Addresses
  readonly seen: (key: string) => SeenPipeline | undefined
  /** The definition that a pipeline of another name nests. */
  readonly find: (key: string) => SeenPipeline | undefined
  readonly reports: () => Reports
  /** What is refused in the removal of children is tried again for so long, in milliseconds. */
  readonly removeMs?: number
}

/** After the grace period, a gateway has so long to end or put back what is left, in milliseconds. */
const cutMs = 5_000
/** Between two looks at what is pausing or being deleted, in milliseconds. */
const drainMs = 1_000
const usualRemoveMs = 30_000
/** A kind that nobody asked for before is listed in this time, or is told as missing. */
const listMs = 2_000

/** The memory of a pipeline between two looks. */
interface Memory {
  readonly uid: string | undefined
  /** The last definition that had no faults. */
  good: ParsedPipeline | undefined
  readonly writing: Writing
  /** Since when it has been pausing or being deleted, by `performance.now()`. */
  drainingSince: number | undefined
  /** All that was in flight has ended. */
  isDrained: boolean
  /** Since when its children are being removed, by `performance.now()`. */
  removingSince: number | undefined
}

/** Looks at one pipeline after the other, and makes what is there match what is written. */
export class PipelineWork {
  readonly #deps: PipelineWorkDeps
  readonly #writer: StatusWriter
  readonly #memories = new Map<string, Memory>()

  constructor(deps: PipelineWorkDeps) {
    this.#deps = deps
    this.#writer = new StatusWriter(deps)
  }

  /** Something is pausing or being deleted, so that the gateways are to be asked at once. */
  get isUrgent(): boolean {
    return [...this.#memories.values()].some(
      ({ drainingSince, isDrained }) => drainingSince !== undefined && !isDrained
    )
  }

  /** Answers in how many milliseconds it is to be looked at again. Throws what the client throws. */
  async reconcile(key: string): Promise<number | undefined> {
    const seen = this.#deps.seen(key)
    if (seen === undefined) {
      this.#memories.delete(key)
      return undefined
    }
    this.#deps.metrics.looks.labels().add(1)
    const memory = this.#memoryOf(key, seen)
    const { metadata } = seen.object
    const isDeleting = metadata.deletionTimestamp !== undefined
    if (isDeleting && metadata.finalizers?.includes(finalizer) !== true) return undefined
    const refused: Refusal[] = isDeleting ? [] : [...(await hold(this.#deps, seen.object.metadata))]
    const spec = (memory.good ?? seen.read.pipelines[0])?.definition.spec
    const written = specOf(seen.object)
    const desiredPhase = written?.lifecycle?.desiredPhase ?? 'Running'
    this.#drain(key, memory, spec, isDeleting || desiredPhase === 'Paused')
    if (isDeleting && memory.isDrained) {
      const left = await this.#end(key, seen.object, memory)
      if (left.length === 0) return undefined
      refused.push(...left.map(text => ({ isConflict: false, text })))
    }
    const isFaulty = seen.read.faults.length > 0
    if (!isDeleting && !isFaulty) refused.push(...(await this.#deploy(seen.object, desiredPhase, memory.isDrained)))
    const status = await this.#statusOf(key, seen, memory, { desiredPhase, isDeleting, refused })
    const nextMs = await this.#writer.write(key, seen.object, memory.writing, status)
    const isUnderWay = memory.drainingSince !== undefined && (isDeleting || !memory.isDrained)
    return isUnderWay ? Math.min(nextMs ?? drainMs, drainMs) : nextMs
  }

  /**
   * What was deployed goes before its pipeline does: the garbage collector of the API server may hear late of a kind
   * that is new to it. Answers what was refused, unless that lasts: then they are left to the collector.
   */
  async #end(key: string, object: PipelineObject, memory: Memory): Promise<readonly string[]> {
    const { metadata } = object
    const { removeMs = usualRemoveMs, tell } = this.#deps
    // A person wants to keep them: kubectl delete --cascade=orphan.
    const areKept = metadata.finalizers?.includes('orphan') === true
    const left = areKept ? [] : await removeChildren(this.#deps, metadata)
    const now = performance.now()
    memory.removingSince ??= now
    for (const text of left) tell(`${key}: ${text}`)
    if (left.length > 0 && now < memory.removingSince + removeMs) return left
    if (left.length > 0) {
      const message = `what was deployed is left to the garbage collector: ${left.join('; ')}`
      await this.#writer.warn(object, 'NotRemoved', message)
    }
    await letGo(this.#deps, metadata)
    return []
  }

  #memoryOf(key: string, { object, read }: SeenPipeline): Memory {
    const { uid } = object.metadata
    let memory = this.#memories.get(key)
    if (memory === undefined || memory.uid !== uid) {
      memory = {
        uid,
        good: undefined,
        writing: firstWriting(object.status?.phase),
        drainingSince: undefined,
        isDrained: object.status?.phase === 'Paused',
        removingSince: undefined
      }
      this.#memories.set(key, memory)
    }
    memory.good = read.pipelines[0] ?? memory.good
    return memory
  }

  /** Follows what the gateways say of a pause, or of a deletion. */
  #drain(key: string, memory: Memory, spec: PipelineSpec | undefined, drains: boolean): void {
    if (!drains) {
      Object.assign(memory, { drainingSince: undefined, isDrained: false })
      return
    }
    if (memory.isDrained) return
    const now = performance.now()
    // The gateways are asked after this moment: what they said before does not count.
    if (memory.drainingSince === undefined) {
      memory.drainingSince = now
      return
    }
    const reports = this.#deps.reports()
    const { phases } = countsOf(key, reports)
    const graceMs = (spec?.lifecycle?.pauseGracePeriodSeconds ?? defaults.pauseGracePeriodSeconds) * 1000
    const isLate = now > memory.drainingSince + graceMs + cutMs
    const areThrough = phases.every(phase => phase === 'Paused' || phase === 'Gone') && reports.silent.length === 0
    memory.isDrained = reports.askedAt > memory.drainingSince && (areThrough || isLate)
  }

  async #deploy(
    object: PipelineObject,
    desiredPhase: 'Running' | 'Paused',
    isDrained: boolean
  ): Promise<readonly Refusal[]> {
    const spec = specOf(object)
    if (spec === undefined) return []
    const { knative, children } = this.#deps
    const { metadata } = object
    // Requests in flight need their steps to the end.
    const phase = desiredPhase === 'Paused' && isDrained ? 'Paused' : 'Running'
    const wanted = desiredChildren({ kind: this.#deps.resource.kind, metadata, spec }, { desiredPhase: phase, knative })
    const refused = [...(await children.make(metadata, wanted))]
    for (const deployed of deployedSteps(metadata.name, spec)) {
      const bounds = phase === 'Paused' ? { min: 0, max: 0 } : boundsOf(spec, deployed, false)
      refused.push(...(await children.scale(metadata.namespace ?? 'default', deployed.child, bounds)))
    }
    return refused
  }

  async #statusOf(
    key: string,
    { object, read }: SeenPipeline,
    memory: Memory,
    found: {
      readonly desiredPhase: 'Running' | 'Paused'
      readonly isDeleting: boolean
      readonly refused: readonly Refusal[]
    }
  ): Promise<PipelineStatus> {
    const { gatewayUrl, addresses } = this.#deps
    const reports = this.#deps.reports()
    const { good } = memory
    let view = good && viewOf(good, { addresses, find: this.#find })
    if (good !== undefined && view !== undefined && view.unresolved.length > 0) {
      await addresses.settled(listMs)
      view = viewOf(good, { addresses, find: this.#find })
    }
    return statusOf({
      ...found,
      generation: object.metadata.generation ?? 0,
      before: object.status ?? {},
      faults: read.faults,
      view,
      servesOlder: good === undefined && read.faults.length > 0 && wasReady(object),
      deployed: read.faults.length > 0 ? [] : this.#deployedOf(object),
      refused: found.refused.flatMap(({ isConflict, text }) => (isConflict ? [] : [text])),
      conflicts: found.refused.flatMap(({ isConflict, text }) => (isConflict ? [text] : [])),
      counts: countsOf(key, reports),
      silent: memory.drainingSince === undefined ? [] : reports.silent,
      isDrained: memory.isDrained,
      now: new Date().toISOString(),
      // Nobody calls a pipeline without serving.
      url: this.#deps.resource.kind === 'Pipeline' ? undefined : `${gatewayUrl}/${key}`
    })
  }

  #deployedOf(object: PipelineObject): readonly DeployedState[] {
    const spec = specOf(object)
    if (spec === undefined) return []
    const { namespace = 'default', name } = object.metadata
    return deployedSteps(name, spec).map(deployed => {
      const { isRaised } = boundsOf(spec, deployed, this.#deps.knative)
      const note = isRaised
        ? `the step "${deployed.step}" always has one replica, since min: 0 needs Knative`
        : undefined
      return { step: deployed.step, state: this.#deps.children.stateOf(namespace, deployed.child), note }
    })
  }

  readonly #find: FindNested = key => {
    const spec = this.#deps.find(key)?.read.pipelines[0]?.definition.spec
    return spec && { spec, baseDir: '/' }
  }
}

/** Before this process looked at it, an older generation served: the gateways still have it. */
const wasReady = ({ status }: PipelineObject): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true

/** As it was written; what is faulty of it does not matter to those who ask. */
const specOf = ({ spec }: PipelineObject): PipelineSpec | undefined =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API server has judged its shape
  spec as PipelineSpec | undefined
