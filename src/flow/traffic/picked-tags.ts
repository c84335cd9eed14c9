import { SluiceError } from '../../errors.ts'
import { stepsOf } from '../../pipeline/nodes-of.ts'
import type { CallStep } from '../../pipeline/node.ts'
import type { Plan } from '../../pipeline/plan.ts'

/** The request header in which a caller picks entries of traffic. */
export const tagHeader = 'sluice-tag'

/** Entries that a caller has picked, by the paths of their steps. */
export type PickedTags = ReadonlyMap<string, string>

/**
 * Reads `STEP=TAG`, with `,` between several; a step is named by its name or its path. Throws INVALID_REQUEST for a step
 * or a tag that the pipeline does not have.
 */
export function readTags(text: string | undefined, plan: Plan): PickedTags | undefined {
  if (text === undefined) return undefined
  const picked = new Map<string, string>()
  for (const part of text.split(',')) {
    const { steps, tag } = stepsPickedBy(part.trim(), plan)
    for (const { path } of steps) picked.set(path, tag)
  }
  return picked
}

/** The tags that the plan has, of those that were picked when the request was accepted. */
export function keptTags(headers: readonly string[], plan: Plan): PickedTags | undefined {
  const place = headers.findIndex((name, i) => i % 2 === 0 && name === tagHeader)
  const text = headers[place + 1]
  if (place === -1 || text === undefined) return undefined
  const known = text.split(',').filter(part => stepsOfPart(part.trim(), plan).length > 0)
  return known.length === 0 ? undefined : readTags(known.join(), plan)
}

/** A flat list of headers without the tags, which no step is sent. */
export const withoutTags = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => headers[i - (i % 2)] !== tagHeader)

function stepsPickedBy(part: string, plan: Plan): { readonly steps: readonly CallStep[]; readonly tag: string } {
  const [step, tag = ''] = part.split('=')
  const steps = stepsOfPart(part, plan)
  if (steps.length > 0) return { steps, tag: tag.trim() }
  const message = `${plan.pipeline} has no step "${step}" with a tag "${tag}" (${tagHeader}: STEP=TAG)`
  throw new SluiceError('INVALID_REQUEST', message)
}

function stepsOfPart(part: string, { flow }: Plan): readonly CallStep[] {
  const [step = '', tag = '', ...more] = part.split('=').map(word => word.trim())
  if (more.length > 0) return []
  return [...stepsOf(flow)].filter(
    (each): each is CallStep =>
      each.kind === 'call' &&
      (each.path === step || each.name === step) &&
      each.traffic.some(entry => entry.tag !== undefined && entry.tag === tag)
  )
}
