import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { conflictsOf } from '../client/apply.ts'
import { objectKey, type ObjectMeta } from '../client/object.ts'
import { childKey, type Child } from './child.ts'
import { OwnedChildren } from './owned-children.ts'
import type { Refusal } from './refusal.ts'

export interface AppliedChildrenDeps {
  readonly client: ApiClient
  /** Looked at before each write. */
  readonly mayWrite: () => boolean
  /** The controller applies its objects again after so long, in milliseconds. */
  readonly againMs?: number
}

const usualAgainMs = 600_000

interface Applied {
  /** The uid of its pipeline. */
  readonly owner: string | undefined
  readonly text: string
  readonly until: number
}

/** Applies what is wanted, and nothing twice. */
export class AppliedChildren {
  readonly #deps: AppliedChildrenDeps
  readonly #owned: OwnedChildren
  /**
   * The text that was applied last, by child, so that nothing is written twice. It counts for a while only: nobody
   * watches Services and autoscalers, which somebody may remove.
   */
  readonly #applied = new Map<string, Applied>()
  /** By name, the pipelines for which something is being made. */
  readonly #makers = new Map<string, string>()

  constructor(deps: AppliedChildrenDeps) {
    this.#deps = deps
    this.#owned = new OwnedChildren(deps)
  }

  /** Answers what was refused. */
  async make(parent: ObjectMeta, wanted: readonly Child[]): Promise<readonly Refusal[]> {
    const refused: Refusal[] = []
    for (const [name, children] of Map.groupBy(wanted, ({ object }) => objectKey(object))) {
      const due = children.filter(child => !this.#isApplied(child))
      if (due.length === 0 || !this.#deps.mayWrite()) continue
      const maker = this.#makers.get(name)
      if (maker !== undefined) {
        refused.push({ isConflict: false, isNameTaken: true, text: `${name} is being made for the pipeline ${maker}` })
        continue
      }
      this.#makers.set(name, parent.name)
      try {
        refused.push(...(await this.#makeAll(parent, due)))
      } finally {
        this.#makers.delete(name)
      }
    }
    return refused
  }

  /** They may have been changed: all of these are applied again. */
  forget(isMeant: (key: string) => boolean): void {
    for (const key of this.#applied.keys()) if (isMeant(key)) this.#applied.delete(key)
  }

  /** The pipeline with this uid has no others than these any more. */
  keepOnly(owner: string | undefined, keys: readonly string[]): void {
    for (const [key, applied] of this.#applied)
      if (applied.owner === owner && !keys.includes(key)) this.#applied.delete(key)
    this.#owned.forget((key, known) => known.owner === owner && !keys.includes(key))
  }

  /** Another process may have led. */
  forgetAll(): void {
    this.#applied.clear()
    this.#owned.forget(() => true)
  }

  /** Everything of one name, or nothing: an autoscaler must not scale the Deployment of somebody else. */
  async #makeAll(parent: ObjectMeta, due: readonly Child[]): Promise<readonly Refusal[]> {
    const notOurs = (await Promise.all(due.map(child => this.#owned.look(parent, child)))).filter(
      each => each !== undefined
    )
    if (notOurs.length > 0) return notOurs
    const refused: Refusal[] = []
    for (const child of due) {
      if (!this.#deps.mayWrite()) break
      try {
        const refusal = await this.#owned.apply(parent, child)
        if (refusal === undefined) this.#remember(parent, child)
        else refused.push(refusal)
      } catch (thrown) {
        refused.push(refusalOf(child, thrown))
      }
    }
    return refused
  }

  #remember({ uid: owner }: ObjectMeta, { resource, object }: Child): void {
    const { againMs = usualAgainMs } = this.#deps
    // Not all at once: after a start all of them are applied in the same moment.
    const until = performance.now() + againMs * (1 - Math.random() / 2)
    this.#applied.set(childKey(resource, object), { owner, text: JSON.stringify(object), until })
  }

  #isApplied({ resource, object }: Child): boolean {
    const applied = this.#applied.get(childKey(resource, object))
    return applied?.text === JSON.stringify(object) && performance.now() < applied.until
  }
}

function refusalOf({ resource: { kind }, object }: Child, thrown: unknown): Refusal {
  const conflicts = conflictsOf(thrown)
  if (conflicts === undefined) return { isConflict: false, text: failureText(thrown) }
  const { name } = object.metadata
  return {
    isConflict: true,
    text: `somebody else has changed the ${kind} ${name}, which stays so: ${conflicts.join(', ')}`
  }
}
