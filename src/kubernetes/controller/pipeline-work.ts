import { deployedSteps } from '../deployed-steps.ts'
import type { Children } from './children.ts'
import { deploy } from './deploy.ts'
import { addFinalizer, removeFinalizer } from './finalizer.ts'
import { finalizer } from './manager.ts'
import { followDrain, Memories, type Memory } from './pipeline-memory.ts'
import type { Refusal } from './refusal.ts'
import { isWorkload, type Needs } from './remove-children.ts'
import { writtenSpec, type PipelineObject, type SeenPipeline } from './seen-pipeline.ts'
import { leadOf, oneOf, type PipelinePair } from './pipeline-pair.ts'
import { factsOf, type FactsDeps } from './status-facts.ts'
import { statusOf } from './status-of.ts'
import { StatusWriter, type StatusWriterDeps } from './status-writer.ts'

export interface PipelineWorkDeps extends StatusWriterDeps, FactsDeps {
  readonly children: Children
  readonly seen: (key: string) => SeenPipeline | undefined
  /** That of the other kind and the same name. */
  readonly partner: (key: string) => SeenPipeline | undefined
  /** A refused removal of children is tried again for so long, in milliseconds. */
  readonly removeMs?: number
}

/** Between two looks at what is pausing or being deleted, in milliseconds. */
const drainMs = 1_000
const usualRemoveMs = 30_000

/** Looks at one pipeline after the other, and makes what is there match what is written. */
export class PipelineWork {
  readonly #deps: PipelineWorkDeps
  readonly #writer: StatusWriter
  readonly #memories = new Memories()

  constructor(deps: PipelineWorkDeps) {
    this.#deps = deps
    this.#writer = new StatusWriter(deps)
  }

  /** Something is pausing or being deleted, so that the gateways are to be asked at once. */
  get isUrgent(): boolean {
    return this.#memories.areUrgent
  }

  /** Answers in how many milliseconds it is to be looked at again. Throws what the client throws. */
  async reconcile(key: string): Promise<number | undefined> {
    const seen = this.#deps.seen(key)
    if (seen === undefined) {
      this.#memories.forget(key)
      return undefined
    }
    this.#deps.metrics.looks.labels().add(1)
    const { metadata } = seen.object
    const isDeleting = metadata.deletionTimestamp !== undefined
    if (isDeleting && metadata.finalizers?.includes(finalizer) !== true) return undefined
    const memory = this.#memories.of(key, seen)
    const pair = this.#pairOf(key, seen, memory)
    const lead = leadOf(pair)
    const desiredPhase = writtenSpec(lead.object)?.lifecycle?.desiredPhase ?? 'Running'
    const unfinalized = isDeleting ? [] : await addFinalizer(this.#deps, metadata)
    const graceSeconds = oneOf(pair)?.whole?.definition.spec.lifecycle?.pauseGracePeriodSeconds
    const drains = isDeleting || desiredPhase === 'Paused'
    followDrain(memory, { key, drains, graceSeconds, reports: this.#deps.reports() })
    const done = isDeleting ? await this.#end(key, pair, memory) : await this.#deploy(key, pair, desiredPhase, memory)
    if (done === 'gone') return undefined
    const look = { key, pair, memory, desiredPhase, isDeleting, refused: [...unfinalized, ...done] }
    const status = statusOf(await factsOf(this.#deps, look))
    const nextMs = await this.#writer.write(key, seen.object, memory.writing, status)
    const isUnderWay = memory.drainingSince !== undefined && (isDeleting || !memory.isDrained)
    return isUnderWay ? Math.min(nextMs ?? drainMs, drainMs) : nextMs
  }

  /**
   * The children go before their pipeline does, once nothing is in flight: the garbage collector of the API server may
   * hear late of a kind that is new to it. Answers what was refused, unless that lasts: then they are left to the collector.
   */
  async #end(key: string, pair: PipelinePair, memory: Memory): Promise<readonly Refusal[] | 'gone'> {
    const { object } = pair.own
    const { metadata } = object
    // The pipeline goes on as that of the other kind, and nothing of this one is needed to the end.
    const isSpare = pair.partner !== undefined && deployedSteps(metadata.name, writtenSpec(object) ?? {}).length === 0
    if (!memory.isDrained && !isSpare) return []
    const { removeMs = usualRemoveMs, tell, children } = this.#deps
    // A person wants to keep them: kubectl delete --cascade=orphan.
    const areKept = metadata.finalizers?.includes('orphan') === true
    const left = areKept ? [] : await children.removeAll(metadata)
    memory.removingSince ??= performance.now()
    for (const { text } of left) tell(`${key}: ${text}`)
    if (left.length > 0 && performance.now() < memory.removingSince + removeMs) return left
    if (left.length > 0) {
      const message = `what was deployed is left to the garbage collector: ${left.map(({ text }) => text).join('; ')}`
      await this.#writer.warn(object, 'NotRemoved', message)
    }
    await removeFinalizer(this.#deps, metadata)
    return 'gone'
  }

  #pairOf(key: string, own: SeenPipeline, memory: Memory): PipelinePair {
    const found = this.#deps.partner(key)
    const partner = found?.object.metadata.deletionTimestamp === undefined ? found : undefined
    memory.partnerGood = partner && (partner.read.pipelines[0] ?? memory.partnerGood)
    const kind = this.#deps.resource.kind === 'Pipeline' ? 'Pipeline' : 'ServingPipeline'
    return { kind, own, partner, good: { own: memory.good, partner: memory.partnerGood } }
  }

  /** While a definition is faulty, all stays as it is. Answers what was refused. */
  async #deploy(
    key: string,
    pair: PipelinePair,
    desiredPhase: 'Running' | 'Paused',
    memory: Memory
  ): Promise<readonly Refusal[]> {
    const { object, read } = pair.own
    const spec = writtenSpec(object)
    if (spec === undefined || read.faults.length > 0) return []
    const { children, resource } = this.#deps
    const { metadata } = object
    // The steps of the ServingPipeline count, which takes up what is deployed for them already.
    const lead = leadOf(pair)
    if (lead !== pair.own)
      return children.make(metadata, [], desiredPhase === 'Running' ? taken(lead.object) : undefined)
    // Requests in flight need their steps to the end.
    const phase = desiredPhase === 'Paused' && memory.isDrained ? 'Paused' : 'Running'
    return deploy(this.#deps, { key, kind: resource.kind, metadata, spec, phase, memory })
  }
}

/** The workloads that the steps of the other kind need by the same names. */
function taken(object: PipelineObject): Needs {
  const names = new Set(deployedSteps(object.metadata.name, writtenSpec(object) ?? {}).map(({ child }) => child))
  return (resource, name) => isWorkload(resource) && names.has(name)
}
