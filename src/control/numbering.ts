import { messageOf } from '../errors.ts'
import { compile, type CompileOptions } from '../pipeline/compile.ts'
import type { FindNested } from '../pipeline/compile-body.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import { needsOf } from '../pipeline/needs.ts'
import type { Controlled } from './controlled.ts'
import type { Numbered } from './numbered.ts'
import { digestOf } from './digest-of.ts'
import type { Generations } from './generations.ts'
import type { Meaning } from './plan-of.ts'

export interface NumberingDeps {
  readonly meaning: Meaning
  /** The pipeline that another one nests under this name. */
  readonly find: FindNested
  /** `undefined`: the store is not open, and numbers are counted in memory. */
  readonly generations: () => Pick<Generations, 'number'> | undefined
}

interface Fresh {
  readonly entry: Controlled
  readonly next: Numbered
}

/** Compiles what is new of the definitions, and gives it its number: that is what each pipeline wants to serve. */
export async function numberDefinitions(entries: readonly Controlled[], deps: NumberingDeps): Promise<void> {
  const fresh = entries.flatMap(entry => freshOf(entry, deps) ?? [])
  if (fresh.length === 0) return
  const numbers = await numbersOf(fresh, deps)
  if (numbers === 'away') return
  fresh.forEach(({ entry, next }, i) => {
    next.generation = numbers?.[i] ?? next.generation
    // Back to what serves already.
    entry.wanted = entry.current?.digest === next.digest ? entry.current : next
  })
}

/** All that was counted in memory gets the number of the store. */
export async function renumber(
  entries: readonly Controlled[],
  generations: Pick<Generations, 'number'>
): Promise<void> {
  const all = entries.flatMap(({ current, wanted }) =>
    wanted === undefined ? [] : [...new Set([current, wanted])].filter(each => each !== undefined)
  )
  const numbers = await generations.number(all.map(({ plan }) => plan))
  all.forEach((each, i) => (each.generation = numbers[i] ?? each.generation))
}

/** `undefined`: it is wanted already. */
function freshOf(entry: Controlled, { meaning, find }: NumberingDeps): Fresh | undefined {
  const { wanted, nests, refers } = entry
  const { definition, baseDir } = entry.joined
  if (definition === undefined) return undefined
  if (wanted !== undefined && isDefinitionOf(wanted.plan, definition.definition) && !nests && !refers) return undefined
  const plan = compiled(entry, definition.definition, { baseDir, ...meaning, find })
  if (plan === undefined) return undefined
  const digest = `${plan.serves} ${digestOf(plan.definition)} ${baseDir} ${plan.unresolved.join()} ${[...plan.addresses].join()}`
  if (wanted?.digest === digest) return undefined
  const needs = needsOf(plan.definition.spec, plan.namespace)
  return { entry, next: { plan, digest, needs, generation: (wanted?.generation ?? 0) + 1 } }
}

const isDefinitionOf = ({ definition, serves }: Plan, { kind, spec }: ServingPipeline): boolean =>
  definition.spec === spec && serves === (kind === 'ServingPipeline')

/** Another version of Sluice may have kept a definition that this one cannot compile, which does not trouble the others. */
function compiled(entry: Controlled, definition: ServingPipeline, options: CompileOptions): Plan | undefined {
  try {
    const plan = compile(definition, options)
    entry.compileFault = undefined
    return plan
  } catch (thrown) {
    entry.compileFault = messageOf(thrown)
    return undefined
  }
}

async function numbersOf(
  fresh: readonly Fresh[],
  { generations }: NumberingDeps
): Promise<readonly number[] | 'away' | undefined> {
  try {
    const numbers = await generations()?.number(fresh.map(({ next }) => next.plan))
    for (const { entry } of fresh) entry.storeFault = undefined
    return numbers
  } catch (thrown) {
    for (const { entry } of fresh) entry.storeFault = messageOf(thrown)
    return 'away'
  }
}
